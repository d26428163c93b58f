--[[
renew: a worker says that it is alive, and for which leases.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  how long to hold claims back in a new life of Redis, ms (include/generation)
ARGV[2]  worker
ARGV[3]  length of the leases from now on, ms
then     for each lease: id, epoch

Returns  {{ids that it does not hold any more}, {ids that it should stop and end as cancelled}}

Writes   meta, lease, workers (ZSET worker -> last seen, Unix ms)
Cost     O(leases * log all leases)
]]
--@include job
--@include lane
--@include lease
--@include generation
local now = now_ms()
local lost, cancelled = {}, {}
call('ZADD', P .. 'workers', now, ARGV[2])
for i = 4, #ARGV, 2 do
  local id = ARGV[i]
  if holder_with(id, ARGV[i + 1]) then
    call('ZADD', P .. 'lease', now + ARGV[3], id)
    if stop_asked(id) then cancelled[#cancelled + 1] = id end
  else
    lost[#lost + 1] = id
  end
end
return { lost, cancelled }
