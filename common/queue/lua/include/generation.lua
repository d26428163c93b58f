-- Generations: which life of Redis this is, and which leases it honours.
--
-- A restart or a fail-over may have brought back an older state, which does not know what it gave
-- away last. So the first script of a new life voids every lease given before, and holds claims
-- back until the last of them has surely ended, grace included. Whose life it is must be asked of
-- the server that runs the script: a client might have learnt it before it reconnected.
--
--   meta  HASH  run_id: of the life that is accepted; absent: this Redis is new to the queue, or has
--                 lost everything
--               floor: leases with a smaller epoch are void
--               hold_until: Unix ms, no claims before; absent once tick has seen it pass
--
-- A script that includes this takes in ARGV[1] how long, in ms, a lease that nobody knows of may
-- matter: its length and the grace.
local server = call('INFO', 'server')
local generation = server:match('run_id:(%w+)')
local accepted, floor, hold_until =
  unpack(call('HMGET', P .. 'meta', 'run_id', 'floor', 'hold_until'))
floor, hold_until = tonumber(floor or 0), tonumber(hold_until or 0)

-- The time, so that it still rises if Redis comes back with an older state; one more than the last,
-- so that two in one microsecond differ.
local function next_epoch()
  local last = tonumber(call('HGET', P .. 'meta', 'epoch')) or 0
  local epoch = whole(math.max(last + 1, now_us()))
  call('HSET', P .. 'meta', 'epoch', epoch)
  return epoch
end

-- ms to hold claims back when this life begins.
local function hold_from_now()
  local longest = tonumber(ARGV[1])
  if accepted then return longest end
  -- Whoever has a lease got it before this Redis started: at least so long ago, in whole seconds.
  local age = server:match('uptime_in_seconds:(%d+)') - 1
  return math.max(0, longest - age * 1000)
end

if accepted ~= generation then
  floor = tonumber(next_epoch())
  hold_until = now_ms() + hold_from_now()
  call('HSET', P .. 'meta', 'run_id', generation,
    'floor', whole(floor), 'hold_until', whole(hold_until))
end

local function hold_left()
  return math.max(0, hold_until - now_ms())
end

-- The holder, if it is the one that this epoch was given to, and in this life.
local function holder_with(id, epoch)
  local held = holder(id)
  return held and held.epoch == epoch and tonumber(epoch) >= floor and held or nil
end
