--[[
cancel_job: ends a job that nobody holds; whoever holds it learns it with its next renewal.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  id

Returns  OK, also when the job has ended
Errors   NOT_FOUND  no such job

Writes   stop, or as sweep
Cost     O(log delayed jobs)
]]
--@include job
--@include lane
--@include lease
local id = ARGV[1]
if call('HEXISTS', block_of('spec:', id)) == 0 then
  if read_result(id) then return redis.status_reply('OK') end
  return redis.error_reply('NOT_FOUND no such job')
end
if call('HEXISTS', P .. 'act', id) == 1 then
  call('SADD', P .. 'stop', id)
else
  drop(id)
end
publish()
return redis.status_reply('OK')
