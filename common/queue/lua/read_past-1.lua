--[[
read_past: what earlier runs left, for the holder of a job that is to go on.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  id
ARGV[2]  epoch of the lease
ARGV[3]  pair

Returns  {generation, {folder index, progress, ...}, {name, value, ...} of the pair's ledger}
Errors   ABORTED  the lease belongs to someone else by now

Cost     O(records)
]]
--@include job
--@include lane
--@include lease
local id = ARGV[1]
if not holder_with(id, ARGV[2]) then
  return redis.error_reply('ABORTED the lease belongs to someone else by now')
end
return { '', call('HGETALL', P .. 'ck:' .. id), call('HGETALL', P .. 'ledger:' .. ARGV[3]) }
