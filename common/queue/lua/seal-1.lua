--[[
seal: says that all rows of a batch are in.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  batch
ARGV[2]  how many rows it must have

Returns  OK
Errors   NOT_FOUND            no such batch
         FAILED_PRECONDITION  another number of rows is in

Writes   b:<batch>
Cost     O(1)
]]
local batch = KEYS[1] .. 'b:' .. ARGV[1]
local rows = redis.call('HGET', batch, 'rows')
if not rows then return redis.error_reply('NOT_FOUND no such batch') end
if rows ~= ARGV[2] then
  return redis.error_reply('FAILED_PRECONDITION the batch has ' .. rows .. ' rows')
end
redis.call('HSET', batch, 'sealed', 1)
return redis.status_reply('OK')
