--[[
tick: takes back leases that ended, promotes jobs whose time has come, and ends a hold. Any process
may call it at any time.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  how long to hold claims back in a new life of Redis, ms (include/generation)
ARGV[2]  grace, ms: so long after its end a lease is taken back; until then its worker's
         connections count as open
ARGV[3]  the longest pause to ask for, ms

Returns  {ms until it is worth calling again, batches that are being cancelled}

A reaped job keeps its number of attempts: that its worker died is not its fault. One that was
cancelled ends.

Writes   meta, marker, lease, act, delay, dl, r:, q:, g:, ready, w:, b:, workers, claims, ev
Cost     at most 100 of each kind, O(gates * log lanes) for each
]]
--@include job
--@include lane
--@include lease
--@include generation
local MOST = 100
local SILENT_MS = 3600000 -- so long after its last word a worker's call number is forgotten
local now, grace = now_ms(), tonumber(ARGV[2])

local function due(key, until_ms)
  return call('ZRANGEBYSCORE', P .. key, '-inf', until_ms, 'LIMIT', 0, MOST)
end

local function reap(id)
  local held = holder(id)
  if not held then return call('ZREM', P .. 'lease', id) end
  local cancelled = stop_asked(id)
  let_go(id, held)
  if not cancelled then return requeue(id, RUNNING, held.lane) end
  end_job(id, RUNNING, CANCELLED, held.epoch, held.attempt, '')
  leave(held.lane)
end

-- Claims go on.
local function end_hold()
  hold_until = 0
  call('HDEL', P .. 'meta', 'hold_until')
  if call('EXISTS', P .. 'ready') == 1 then call('ZADD', P .. 'marker', 0, 'work') end
end

-- ms until the first of the key's members is due.
local function left(key, after)
  local first = call('ZRANGE', P .. key, 0, 0, 'WITHSCORES')[2]
  return first and math.max(0, first + after - now) or math.huge
end

for _, id in ipairs(due('lease', now - grace - 1)) do
  reap(id)
end
for _, id in ipairs(due('delay', now)) do
  requeue(id, WAITING, undelay(id))
end
for _, worker in ipairs(due('workers', now - SILENT_MS)) do
  call('HDEL', P .. 'claims', worker)
  call('ZREM', P .. 'workers', worker)
end
if hold_until > 0 and hold_left() == 0 then end_hold() end
publish()
local hold = hold_until > 0 and hold_left() or math.huge
local pause = math.min(tonumber(ARGV[3]), hold, left('lease', grace + 1), left('delay', 0))
return { pause, call('ZCARD', P .. 'cancelling') }
