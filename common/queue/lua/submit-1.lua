--[[
submit: queues one block of rows. A block is queued once, however often it comes.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  batch
ARGV[2]  block within the batch: row / 64
ARGV[3]  number of lanes that follow
then     for each lane: its name (ids of its gates, one a line), their caps with spaces between
then     for each row, ascending: job id, its lane's place in the list above (from 1), spec

Returns  OK
Errors   NOT_FOUND            no such batch
         FAILED_PRECONDITION  the batch is sealed or cancelled

Writes   spec:<block>, q:, g:, r:, ready, b:<batch>, ev,
         bc:<batch> (STRING, one bit for each block queued)
Cost     O(rows + gates), and O(log lanes) for each lane that was idle
]]
--@include job
--@include lane
local batch = P .. 'b:' .. ARGV[1]
local fields = call('HMGET', batch, 'sealed', 'cancelled', 'last')
if not fields[1] then return redis.error_reply('NOT_FOUND no such batch') end
-- Not by looking at spec: it empties as jobs end.
if call('GETBIT', P .. 'bc:' .. ARGV[1], ARGV[2]) == 1 then return redis.status_reply('OK') end
if fields[1] == '1' then return redis.error_reply('FAILED_PRECONDITION the batch is sealed') end
if fields[2] == '1' then return redis.error_reply('FAILED_PRECONDITION the batch was cancelled') end

local lanes = {}
local next_arg = 4
for i = 1, tonumber(ARGV[3]) do
  local caps = {}
  for cap in ARGV[next_arg + 1]:gmatch('%d+') do
    caps[#caps + 1] = cap
  end
  lanes[i] = { name = ARGV[next_arg], caps = caps }
  next_arg = next_arg + 2
end

call('SETBIT', P .. 'bc:' .. ARGV[1], ARGV[2], 1)
for i = next_arg, #ARGV, 3 do
  local id, lane = ARGV[i], lanes[tonumber(ARGV[i + 1])]
  local key, field = block_of('spec:', id)
  call('HSET', key, field, ARGV[i + 2])
  enter(lane.name, lane.caps)
  call('RPUSH', P .. 'q:' .. lane.name, id)
  changed[#changed + 1] = id
end
for _, lane in ipairs(lanes) do
  place(lane.name)
end
call('HINCRBY', batch, 'rows', #changed)
call('HINCRBY', batch, 'n' .. QUEUED, #changed)
call('HSET', batch, 'last', math.max(tonumber(fields[3]), changed[#changed] % 16777216 + 1))
publish()
return redis.status_reply('OK')
