--[[
read_past: what earlier runs left, for the holder of a job that is to go on.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  how long to hold claims back in a new life of Redis, ms (include/generation)
ARGV[2]  id
ARGV[3]  epoch of the lease
ARGV[4]  pair

Returns  {generation, {folder index, progress, ...}, {name, value, ...} of the pair's ledger}
Errors   ABORTED  the lease is over: someone else may have the job

Writes   meta
Cost     O(records)
]]
--@include job
--@include lane
--@include lease
--@include generation
local id = ARGV[2]
if not holder_with(id, ARGV[3]) then
  return redis.error_reply('ABORTED the lease is over')
end
return { generation, call('HGETALL', P .. 'ck:' .. id), call('HGETALL', P .. 'ledger:' .. ARGV[4]) }
