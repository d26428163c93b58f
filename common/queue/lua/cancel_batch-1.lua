--[[
cancel_batch: from now on no job of the batch will be claimed. `sweep` then ends those that wait.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  batch

Returns  OK
Errors   NOT_FOUND  no such batch

Writes   b:<batch>, cancelling (ZSET batch -> block that sweep comes to next)
Cost     O(log batches being cancelled)
]]
local P = KEYS[1]
local batch = P .. 'b:' .. ARGV[1]
if redis.call('EXISTS', batch) == 0 then return redis.error_reply('NOT_FOUND no such batch') end
redis.call('HSET', batch, 'cancelled', 1)
redis.call('ZADD', P .. 'cancelling', 'NX', 0, ARGV[1])
return redis.status_reply('OK')
