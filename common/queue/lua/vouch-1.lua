--[[
vouch: whoever calls knows that nobody holds a lease of this queue, so that this life of Redis needs
no hold.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

Returns  OK
Errors   FAILED_PRECONDITION  there are leases; nothing was changed

Writes   meta
Cost     O(1)
]]
--@include job
if call('EXISTS', P .. 'lease') == 1 then
  return redis.error_reply('FAILED_PRECONDITION there are leases')
end
local generation = call('INFO', 'server'):match('run_id:(%w+)')
-- As if a hold had just passed: tick cleans up behind it.
call('HSET', P .. 'meta', 'run_id', generation, 'hold_until', now_ms())
return redis.status_reply('OK')
