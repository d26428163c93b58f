--[[
list_batches: the batches before one, newest first.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  list from below this one; 0: from the newest
ARGV[2]  at most so many

Returns  {{batch, field, value, field, value, ...}, ...}: the fields of b:<batch>

Cost     O(batches returned)
]]
local P = KEYS[1]
local newest = tonumber(redis.call('HGET', P .. 'meta', 'batch') or 0)
local before = tonumber(ARGV[1])
local from = (before > 0 and before <= newest) and before - 1 or newest
local batches = {}
for batch = from, math.max(1, from - ARGV[2] + 1), -1 do
  local fields = redis.call('HGETALL', P .. 'b:' .. batch)
  table.insert(fields, 1, batch)
  batches[#batches + 1] = fields
end
return batches
