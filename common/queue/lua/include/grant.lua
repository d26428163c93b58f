-- Giving a job to a worker. Needs generation.
local function take_permits(gates)
  for _, at in ipairs(gates) do
    at.held = call('HINCRBY', P .. 'r:' .. at.id, 'held', 1)
  end
end

local function grant(id, lane, worker, lease_ms)
  local held = { epoch = next_epoch(), attempt = attempts_of(id) + 1 }
  held.checkpoints, held.worker, held.lane = 0, worker, lane
  write_holder(id, held)
  call('ZADD', P .. 'lease', now_ms() + lease_ms, id)
  move(id, QUEUED, RUNNING)
  return held
end

-- What the worker gets to see of it.
local function describe(id, held)
  return { id, held.epoch, held.attempt, spec_of(id) }
end
