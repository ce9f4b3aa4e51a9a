-- The token bucket, filled lazily, exact in integers.
--
-- KEYS[1] holds "credit:last": what was in the bucket, in units of 1/period of a
-- token, after the latest grant, and the µs of that grant. No key: full.
-- ARGV: rate, period (rate tokens per period µs), burst, n, now (µs, or empty).
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until full, µs decided at.
local rate, period, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local n, now = tonumber(ARGV[4]), tonumber(ARGV[5])
local injected = now
if not injected then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

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
  now = math.max(now, tonumber(last)) -- a clock that steps back brings and takes nothing
  credit = math.min(capacity, tonumber(c) + (now - tonumber(last)) * rate)
end

local allowed, wait = 0, -1
if n <= burst and need > credit then
  wait = math.ceil((need - credit) / rate)
elseif n <= burst then
  allowed, wait = 1, 0
  credit = credit - need
  state = string.format('%.0f:%.0f', credit, now)
  if injected then
    redis.call('SET', KEYS[1], state, 'PX', '86400000') -- the server's clock cannot tell when: outlive any run
  else
    -- The instant at which the bucket is full, rounded up. A duration (PX) would count from
    -- another reading of the clock than TIME's, and might end too early.
    local full = now + math.ceil((capacity - credit) / rate)
    redis.call('SET', KEYS[1], state, 'PXAT', string.format('%.0f', math.ceil(full / 1000)))
  end
end
return {allowed, math.floor(credit / period), wait, math.ceil((capacity - credit) / rate), now}
