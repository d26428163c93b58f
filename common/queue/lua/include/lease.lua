-- Leases, and jobs on their way back to the line.
--
--   act    HASH  id -> "epoch|attempt|checkpoints|worker|lane": all that is needed to take the
--                lease back; checkpoints: number of the last one stored
--   lease  ZSET  id -> end, Unix ms
--   delay  ZSET  id -> not before, Unix ms
--   dl     HASH  id -> lane, of delayed jobs
local function holder(id)
  local record = call('HGET', P .. 'act', id)
  if not record then return nil end
  local epoch, attempt, checkpoints, worker, lane =
    record:match('^(%d+)|(%d+)|(%d+)|([^|]*)|(.*)$')
  return {
    epoch = epoch,
    attempt = tonumber(attempt),
    checkpoints = tonumber(checkpoints),
    worker = worker,
    lane = lane,
  }
end

local function write_holder(id, held)
  local fields = { held.epoch, held.attempt, held.checkpoints, held.worker, held.lane }
  call('HSET', P .. 'act', id, table.concat(fields, '|'))
end

-- For a call with an epoch that holds nothing: did its own first try give the job up, and in this
-- state if one is given? Then only the reply was lost.
local function answer_late(id, epoch, state)
  local past = read_result(id)
  if past and past.epoch == epoch and past.state == (state or past.state) then
    return redis.status_reply('OK')
  end
  return redis.error_reply('ABORTED the lease is over')
end

-- The lease and its permits come back; the job itself is still to be put somewhere.
local function let_go(id, held)
  call('HDEL', P .. 'act', id)
  call('ZREM', P .. 'lease', id)
  release(held.lane)
end

-- To the head of the line: what was begun goes on first.
local function requeue(id, from, lane)
  call('LPUSH', P .. 'q:' .. lane, id)
  place(lane)
  move(id, from, QUEUED)
end

-- No longer delayed. Its lane, or nil if it was not.
local function undelay(id)
  local lane = call('HGET', P .. 'dl', id)
  if not lane then return nil end
  call('ZREM', P .. 'delay', id)
  call('HDEL', P .. 'dl', id)
  return lane
end

-- Ends a job that nobody holds. A queued one's id stays in the line until a claim meets it: to take
-- it out would cost the length of the line.
local function drop(id)
  local lane = undelay(id)
  end_job(id, lane and WAITING or QUEUED, CANCELLED, 0, attempts_of(id), '')
  if lane then leave(lane) end
end
