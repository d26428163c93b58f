--[[
finish: ends a job for good, and gives its permits back.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  how long to hold claims back in a new life of Redis, ms (include/generation)
ARGV[2]  id
ARGV[3]  epoch of the lease
ARGV[4]  the state it ends in
ARGV[5]  result

Returns  OK, also when this very lease ended the job before (the reply was lost)
Errors   ABORTED  the lease is over: someone else may have the job

Writes   meta, act, lease, spec:, res:, r:, g:, ready, w:, b:, ev
Cost     O(gates * log lanes)
]]
--@include job
--@include lane
--@include lease
--@include generation
local id, epoch, state = ARGV[2], ARGV[3], tonumber(ARGV[4])
local held = holder_with(id, epoch)
if not held then return answer_late(id, epoch, state) end
let_go(id, held)
end_job(id, RUNNING, state, epoch, held.attempt, ARGV[5])
leave(held.lane)
publish()
return redis.status_reply('OK')
