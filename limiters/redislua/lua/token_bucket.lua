-- The token bucket, filled lazily, exact in integers.
--
-- KEYS[1] holds "credit:last": what was in the bucket, in units of 1/period of a
-- token, after the latest grant, and the µs of that grant. No key: full.
-- ARGV: n, rate, period (rate tokens per period µs), burst.
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until full, µs decided at.
local n, rate, period, burst = ARGV[1] + 0, ARGV[2] + 0, ARGV[3] + 0, ARGV[4] + 0

-- Each µs brings rate units, and a token is period of them: nothing is rounded.
-- Where a long idle time overflows 2^53 the sum is inexact and the bucket full anyway.
local capacity, need = burst * period, n * period
local credit = capacity
local state = redis.call('GET', KEYS[1])
if state then
  local c, last = string.match(state, '^(%d+):(%d+)$')
  if not c then
    return redis.error_reply('ERR value under the key is not the state of a token bucket')
  end
  now = math.max(now, last + 0) -- a clock that steps back brings and takes nothing
  credit = math.min(capacity, c + (now - last) * rate)
end

local allowed, wait = 0, -1
if n <= burst and need > credit then
  wait = math.ceil((need - credit) / rate)
elseif n <= burst then
  allowed, wait = 1, 0
  credit = credit - need
  save(string.format('%d:%d', credit, now), now + math.ceil((capacity - credit) / rate))
end
return {allowed, math.floor(credit / period), wait, math.ceil((capacity - credit) / rate), now}
