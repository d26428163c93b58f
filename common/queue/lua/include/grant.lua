-- Giving a job to a worker.
local function take_permits(gates)
  for _, at in ipairs(gates) do
    at.held = call('HINCRBY', P .. 'r:' .. at.id, 'held', 1)
  end
end

-- The time, so that it still rises if Redis comes back with an older state; one more than the last,
-- so that two in one microsecond differ.
local function next_epoch(now)
  local last = tonumber(call('HGET', P .. 'meta', 'epoch')) or 0
  local epoch = whole(math.max(last + 1, now))
  call('HSET', P .. 'meta', 'epoch', epoch)
  return epoch
end

local function grant(id, lane, worker, lease_ms)
  local now = now_us()
  local held = { epoch = next_epoch(now), attempt = attempts_of(id) + 1 }
  held.checkpoints, held.worker, held.lane = 0, worker, lane
  write_holder(id, held)
  call('ZADD', P .. 'lease', math.floor(now / 1000) + lease_ms, id)
  move(id, QUEUED, RUNNING)
  return held
end

-- What the worker gets to see of it.
local function describe(id, held)
  return { id, held.epoch, held.attempt, spec_of(id) }
end
