--[[
checkpoint: stores how far some folders of a job have come.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  id
ARGV[2]  epoch of the lease
then     for each folder: its index, its progress

Returns  OK
Errors   ABORTED  the lease belongs to someone else by now

Writes   ck:<id> (HASH folder index -> progress); it outlives the job, as its report
Cost     O(folders)
]]
--@include job
--@include lane
--@include lease
if not holder_with(ARGV[1], ARGV[2]) then
  return redis.error_reply('ABORTED the lease belongs to someone else by now')
end
for i = 3, #ARGV, 2 do
  call('HSET', P .. 'ck:' .. ARGV[1], ARGV[i], ARGV[i + 1])
end
return redis.status_reply('OK')
