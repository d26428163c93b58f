--[[
finish: ends a job for good, and gives its permits back.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  id
ARGV[2]  epoch of the lease
ARGV[3]  the state it ends in
ARGV[4]  result

Returns  OK, also when this very lease ended the job before (the reply was lost)
Errors   ABORTED  the lease belongs to someone else by now

Writes   act, lease, spec:, res:, r:, g:, ready, w:, b:, ev
Cost     O(gates * log lanes)
]]
--@include job
--@include lane
--@include lease
local id, epoch, state = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held = holder_with(id, epoch)
if not held then return answer_late(id, epoch, state) end
let_go(id, held)
end_job(id, RUNNING, state, epoch, held.attempt, ARGV[4])
leave(held.lane)
publish()
return redis.status_reply('OK')
