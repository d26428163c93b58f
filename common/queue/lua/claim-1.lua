--[[
claim: hands jobs to a worker, each under a lease of its own and within the caps of all its gates.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  how long to hold claims back in a new life of Redis, ms (include/generation)
ARGV[2]  worker
ARGV[3]  number of this call of the worker; the last one that got jobs gets the same jobs again
ARGV[4]  how many jobs at most
ARGV[5]  length of the lease, ms

Returns  {more, {id, epoch, attempt, spec}, ...}
         more = 1: nothing yet, but the script stopped to let others in: call again

epoch is different for every lease ever given. Every later write for the job must carry it.

During a hold there is nothing.

Writes   meta, act, lease, ready, w:, r:, q:, g:, b:, workers, ev,
         claims (HASH worker -> "call id id ...")
Cost     O(log lanes) for each job, and for each lane that moves to the gate it waits for; at most
         32 lanes more than jobs, and 256 cancelled ids. It grows neither with the jobs in line nor
         with the lanes parked nor with the jobs running.
]]
--@include job
--@include lane
--@include lease
--@include generation
--@include grant
local worker, number = ARGV[2], tonumber(ARGV[3])
local want, lease_ms = tonumber(ARGV[4]), tonumber(ARGV[5])
local lanes_left, ids_left = want + 32, want + 256

local function repeat_last(ids)
  local jobs = { 0 }
  for id in ids:gmatch('%d+') do
    local held = holder(id)
    held = held and holder_with(id, held.epoch)
    if held and held.worker == worker then
      -- The worker counts its lease from this call.
      call('ZADD', P .. 'lease', now_ms() + lease_ms, id)
      jobs[#jobs + 1] = describe(id, held)
    end
  end
  return jobs
end

if hold_left() > 0 then
  call('DEL', P .. 'marker') -- tick brings it back
  return { 0 }
end

local last, ids = (call('HGET', P .. 'claims', worker) or ''):match('^(%d+) (.*)$')
if last and number < tonumber(last) then return { 0 } end
if last and number == tonumber(last) then return repeat_last(ids) end

-- The next job in line that is still to be run; those cancelled meanwhile leave here.
local function next_job(lane)
  while ids_left > 0 do
    ids_left = ids_left - 1
    local id = call('LPOP', P .. 'q:' .. lane)
    if not id then return nil end
    local dropped = call('HEXISTS', block_of('spec:', id)) == 0
    if not dropped and not stop_asked(id) then return id end
    if not dropped then drop(id) end
    leave(lane)
  end
end

-- After a pop: back to the others if its line goes on.
local function stay_or_go(lane)
  if call('EXISTS', P .. 'q:' .. lane) == 1 then
    to_ready(lane)
  else
    call('HDEL', P .. 'g:' .. lane, 'at')
  end
end

local function first_full(gates)
  for _, at in ipairs(gates) do
    if at.held >= at.cap then return at end
  end
end

local jobs = { 0 }
while #jobs <= want and lanes_left > 0 and ids_left > 0 do
  local lane = call('ZPOPMIN', P .. 'ready')[1]
  if not lane then break end
  lanes_left = lanes_left - 1
  local gates = gates_of(lane)
  local full = first_full(gates)
  if full then
    call('ZADD', P .. 'w:' .. full.id, next_seq(), lane)
  else
    local id = next_job(lane)
    if id then
      take_permits(gates)
      jobs[#jobs + 1] = describe(id, grant(id, lane, worker, lease_ms))
    end
    stay_or_go(lane)
  end
  for _, at in ipairs(gates) do wake_one(at) end -- the chain rule
end

-- The marker says whether another claim is worth while.
if call('EXISTS', P .. 'ready') == 1 then
  call('ZADD', P .. 'marker', 0, 'work')
  jobs[1] = #jobs == 1 and 1 or 0
else
  call('DEL', P .. 'marker')
end
if #jobs > 1 then
  local given = {}
  for i = 2, #jobs do given[i - 1] = jobs[i][1] end
  call('HSET', P .. 'claims', worker, ARGV[3] .. ' ' .. table.concat(given, ' '))
  call('ZADD', P .. 'workers', now_ms(), worker)
end
publish()
return jobs
