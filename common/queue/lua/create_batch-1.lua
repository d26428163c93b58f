--[[
create_batch: numbers a new batch, or finds the one that this request made.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  request id
ARGV[2]  description

Returns  the number of the batch
Errors   ALREADY_EXISTS  the request id came with another description before

Writes   meta, requests (HASH request id -> batch), b:<batch>
Cost     O(1)
]]
--@include job
local known = call('HGET', P .. 'requests', ARGV[1])
if known then
  if call('HGET', P .. 'b:' .. known, 'description') ~= ARGV[2] then
    return redis.error_reply('ALREADY_EXISTS the request id was used for another submission')
  end
  return tonumber(known)
end
local batch = call('HINCRBY', P .. 'meta', 'batch', 1)
call('HSET', P .. 'requests', ARGV[1], batch)
call('HSET', P .. 'b:' .. batch, 'request_id', ARGV[1], 'description', ARGV[2],
  'created_ms', now_ms(), 'rows', 0, 'last', 0, 'sealed', 0, 'cancelled', 0)
return batch
