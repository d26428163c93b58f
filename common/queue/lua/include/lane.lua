-- Lanes and gates. A lane is the line of the jobs with the same gates; its name is the gates' ids,
-- one a line.
--
--   q:<lane>    LIST  ids, next one at the left
--   g:<lane>    HASH  n: jobs in line, running or delayed;
--                     at: present while the lane is in ready or in a w:<gate>
--   ready       ZSET  lane -> running jobs of its first gate * 2^32 + a number that grows
--   w:<gate>    ZSET  lane -> a number that grows; the lanes parked at a gate without room
--   r:<gate>    HASH  cap; held: leases that name it; lanes: lanes that name it
--   marker      ZSET  one element while ready may be worth a claim; idle workers block on it
--   meta        HASH  seq, epoch: last number given out; batch: last batch; see also generation
--
-- A lane with a job in its line is in exactly one place: ready, or parked at one full gate.
-- Whoever makes room at a gate wakes one lane parked there (release); a lane that was popped from
-- ready, whatever became of it, wakes one at each of its gates that still has room (claim: the
-- chain rule). Without the second, a woken lane that cannot run for another of its gates would keep
-- the room from those behind it.
local function next_seq()
  return call('HINCRBY', P .. 'meta', 'seq', 1)
end

local function gate(id)
  local fields = call('HMGET', P .. 'r:' .. id, 'cap', 'held')
  return { id = id, cap = tonumber(fields[1]) or 0, held = tonumber(fields[2]) or 0 }
end

local function gates_of(lane)
  local gates = {}
  for id in lane:gmatch('[^\n]+') do
    gates[#gates + 1] = gate(id)
  end
  return gates
end

-- Fewest running first; among equals, first come.
local function turn_of(lane)
  local first = lane:match('^[^\n]+')
  return (first and gate(first).held or 0) * 4294967296 + next_seq()
end

local function to_ready(lane)
  call('ZADD', P .. 'ready', turn_of(lane), lane)
  call('ZADD', P .. 'marker', 0, 'work')
end

-- A job was put in the lane's line.
local function place(lane)
  if call('HSETNX', P .. 'g:' .. lane, 'at', 1) == 1 then to_ready(lane) end
end

local function wake_one(at)
  if at.held >= at.cap then return end
  local lane = call('ZPOPMIN', P .. 'w:' .. at.id)[1]
  if lane then to_ready(lane) end
end

-- The permits of one of the lane's jobs come back.
local function release(lane)
  for id in lane:gmatch('[^\n]+') do
    call('HINCRBY', P .. 'r:' .. id, 'held', -1)
  end
  for _, at in ipairs(gates_of(lane)) do
    wake_one(at)
  end
  -- It may have become the one with the fewest running.
  call('ZADD', P .. 'ready', 'XX', 'LT', turn_of(lane), lane)
end

-- A job joins the lane. caps: one for each gate, in the order of the name.
local function enter(lane, caps)
  if call('HINCRBY', P .. 'g:' .. lane, 'n', 1) > 1 then return end
  local i = 0
  for id in lane:gmatch('[^\n]+') do
    i = i + 1
    call('HSETNX', P .. 'r:' .. id, 'cap', caps[i])
    call('HINCRBY', P .. 'r:' .. id, 'lanes', 1)
  end
end

-- A job is out of the lane for good. The last one takes the lane with it, and the gates that nobody
-- else names.
local function leave(lane)
  if call('HINCRBY', P .. 'g:' .. lane, 'n', -1) > 0 then return end
  call('DEL', P .. 'g:' .. lane)
  for id in lane:gmatch('[^\n]+') do
    if call('HINCRBY', P .. 'r:' .. id, 'lanes', -1) == 0 then call('DEL', P .. 'r:' .. id) end
  end
end
