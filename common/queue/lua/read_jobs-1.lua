--[[
read_jobs: what is known of the jobs given.

That a job is queued is written nowhere: it has a spec, no holder and no delay.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV     job ids

Returns  {{id, state, attempt, worker, not before (Unix ms; 0: at once), spec, result}, ...}
         without ids that do not exist

Cost     O(ids)
]]
--@include job
--@include lane
--@include lease
local function read(id)
  local spec = spec_of(id)
  local past = read_result(id) or { attempts = 0, result = '' }
  if not spec then
    return past.state and { id, past.state, past.attempts, '', 0, '', past.result }
  end
  local held = holder(id)
  if held then return { id, RUNNING, held.attempt, held.worker, 0, spec, past.result } end
  local due = call('ZSCORE', P .. 'delay', id)
  return { id, due and WAITING or QUEUED, past.attempts, '', tonumber(due or 0), spec, past.result }
end

local jobs = {}
for _, id in ipairs(ARGV) do
  jobs[#jobs + 1] = read(id) or nil
end
return jobs
