--[[
give_back: a worker gives up a job that is to be tried again.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  how long to hold claims back in a new life of Redis, ms (include/generation)
ARGV[2]  id
ARGV[3]  epoch of the lease
ARGV[4]  1: the run counts as an attempt
ARGV[5]  not before so many ms from now; 0: at once, at the head of its line
ARGV[6]  attempts after which the job fails instead
ARGV[7]  result: what the job fails with, and what it shows until it has run again

Returns  OK, also when this very lease gave the job back before (the reply was lost)
Errors   ABORTED  the lease is over: someone else may have the job

A job whose cancellation was asked for ends here: nothing leads back from there.

Writes   as finish, and q:, delay, dl
Cost     O(gates * log lanes)
]]
--@include job
--@include lane
--@include lease
--@include generation
local id, epoch, pause = ARGV[2], ARGV[3], tonumber(ARGV[5])
local held = holder_with(id, epoch)
if not held then return answer_late(id, epoch) end
local attempts = held.attempt - 1 + tonumber(ARGV[4])
local cancelled = stop_asked(id)
let_go(id, held)
if cancelled then
  end_job(id, RUNNING, CANCELLED, epoch, held.attempt, ARGV[7])
  leave(held.lane)
elseif attempts >= tonumber(ARGV[6]) then
  end_job(id, RUNNING, FAILED, epoch, attempts, ARGV[7])
  leave(held.lane)
else
  write_result(id, WAITING, epoch, attempts, ARGV[7])
  if pause > 0 then
    call('ZADD', P .. 'delay', now_ms() + pause, id)
    call('HSET', P .. 'dl', id, held.lane)
    move(id, RUNNING, WAITING)
  else
    requeue(id, RUNNING, held.lane)
  end
end
publish()
return redis.status_reply('OK')
