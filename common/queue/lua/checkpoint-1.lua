--[[
checkpoint: stores how far a job has come, and what its pair's ledger is to remember.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  how long to hold claims back in a new life of Redis, ms (include/generation)
ARGV[2]  id
ARGV[3]  epoch of the lease
ARGV[4]  number of this checkpoint; it grows with every one of the lease
ARGV[5]  pair
ARGV[6]  number of folders that follow
then     for each folder: its index, its progress
then     for each record of the ledger: its name, its value; an empty value removes it

Returns  OK, also when one with a higher number was stored before: this one is late, and changes
         nothing
Errors   ABORTED  the lease is over: someone else may have the job

Writes   meta, act, ck:<id> (HASH folder index -> progress); it outlives the job, as its report;
         ledger:<pair> (HASH name -> value); it outlives jobs and batches
Cost     O(records)
]]
--@include job
--@include lane
--@include lease
--@include generation
local id, number = ARGV[2], tonumber(ARGV[4])
local held = holder_with(id, ARGV[3])
if not held then return redis.error_reply('ABORTED the lease is over') end
if number <= held.checkpoints then return redis.status_reply('OK') end
held.checkpoints = number
write_holder(id, held)

local ledger_from = 7 + 2 * ARGV[6]
for i = 7, ledger_from - 1, 2 do
  call('HSET', P .. 'ck:' .. id, ARGV[i], ARGV[i + 1])
end
local ledger = P .. 'ledger:' .. ARGV[5]
for i = ledger_from, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    call('HDEL', ledger, ARGV[i])
  else
    call('HSET', ledger, ARGV[i], ARGV[i + 1])
  end
end
return redis.status_reply('OK')
