--[[
sweep: ends the queued and the delayed jobs of cancelled batches, a few blocks at a time.
Running ones learn it when they renew.

KEYS[1]  P, the prefix of every key of the queue, "mh:{queue}:"

ARGV[1]  how many blocks of 64 at most

Returns  how many batches are still to be swept

Writes   spec:, res:, b:, delay, dl, g:, r:, cancelling, ev
Cost     O(blocks * 64)
]]
--@include job
--@include lane
--@include lease
local batch, block = unpack(call('ZRANGE', P .. 'cancelling', 0, 0, 'WITHSCORES'))
if not batch then return 0 end
local last = tonumber(call('HGET', P .. 'b:' .. batch, 'last'))
local blocks = math.ceil(last / 64)
local stop = math.min(block + ARGV[1], blocks)
for at = tonumber(block), stop - 1 do
  local first = batch * 16777216 + at * 64
  for _, row in ipairs(call('HKEYS', (block_of('spec:', first)))) do
    local id = whole(first + row)
    if call('HEXISTS', P .. 'act', id) == 0 then drop(id) end
  end
end
if stop < blocks then
  call('ZADD', P .. 'cancelling', stop, batch)
else
  call('ZREM', P .. 'cancelling', batch)
end
publish()
return call('ZCARD', P .. 'cancelling')
