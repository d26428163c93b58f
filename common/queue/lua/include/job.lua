-- A job's records, and the one way in which each of them changes. Every key begins with P.
--
--   spec:<block>  HASH  row % 64 -> spec; there as long as the job has not ended
--   res:<block>   HASH  row % 64 -> "state|epoch|attempts|result", of the last ending or give_back
--   b:<batch>     HASH  request_id, description, created_ms, rows, last (highest row + 1), sealed,
--                       cancelled, n0 .. n6 (jobs by state)
--   stop          SET   ids of running jobs whose cancellation was asked for
--   ev            STREAM  "j" -> ids whose state changed
--
-- block = id / 64, id = batch * 2^24 + row. Ids stay strings: Lua would write large ones as 1e+15.
local P = KEYS[1]
local call = redis.call
local QUEUED, RUNNING, WAITING, FAILED, CANCELLED = 0, 1, 2, 5, 6
local CHANGES_KEPT = 10000

local function whole(number)
  return string.format('%.0f', number)
end

local function now_us()
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end

local function now_ms()
  return math.floor(now_us() / 1000)
end

-- The key of the kind ('spec:' or 'res:') that the job's block has, and the job's field in it.
local function block_of(kind, id)
  return P .. kind .. whole(math.floor(id / 64)), id % 64
end

local function batch_of(id)
  return P .. 'b:' .. whole(math.floor(id / 16777216))
end

local function spec_of(id)
  return call('HGET', block_of('spec:', id))
end

local function read_result(id)
  local record = call('HGET', block_of('res:', id))
  if not record then return nil end
  local state, epoch, attempts, result = record:match('^(%d)|(%d+)|(%d+)|(.*)$')
  return { state = tonumber(state), epoch = epoch, attempts = tonumber(attempts), result = result }
end

local function write_result(id, state, epoch, attempts, result)
  local key, field = block_of('res:', id)
  call('HSET', key, field, table.concat({ state, epoch, attempts, result }, '|'))
end

-- Attempts counted so far.
local function attempts_of(id)
  local past = read_result(id)
  return past and past.attempts or 0
end

local function stop_asked(id)
  return call('HGET', batch_of(id), 'cancelled') == '1' or call('SISMEMBER', P .. 'stop', id) == 1
end

local changed = {}

-- Counts the job in its new state and remembers it for publish().
local function move(id, from, to)
  local batch = batch_of(id)
  call('HINCRBY', batch, 'n' .. from, -1)
  call('HINCRBY', batch, 'n' .. to, 1)
  changed[#changed + 1] = id
end

-- Tells the watchers, once for the whole script.
local function publish()
  if #changed > 0 then
    call('XADD', P .. 'ev', 'MAXLEN', '~', CHANGES_KEPT, '*', 'j', table.concat(changed, ' '))
  end
end

-- The job is over. Its spec goes, and with it the credentials.
local function end_job(id, from, state, epoch, attempts, result)
  call('HDEL', block_of('spec:', id))
  call('SREM', P .. 'stop', id)
  write_result(id, state, epoch, attempts, result)
  move(id, from, state)
end
