-- Several token buckets that grant together or not at all, exact in integers.
--
-- KEYS[1] holds "last:credit:credit:…": the µs of the latest grant, and what was
-- in each bucket after it, in units of 1/period of a token. No key: all are full.
-- ARGV: n, and for each bucket rate, period (rate tokens per period µs), burst.
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until full, µs decided at.
local n, buckets = ARGV[1] + 0, math.floor((#ARGV - 1) / 3)

local credits, last = {}, now
local state = redis.call('GET', KEYS[1])
if state then
  for number in string.gmatch(state, '%d+') do
    credits[#credits + 1] = number + 0
  end
  if #credits ~= buckets + 1 or string.find(state, '[^%d:]') then
    return redis.error_reply('ERR value under the key is not the state of as many buckets')
  end
  last = table.remove(credits, 1)
  now = math.max(now, last) -- a clock that steps back brings and takes nothing
end

-- What each bucket has, as in the token bucket; the one that waits longest decides.
local never, wait = false, 0
for b = 1, buckets do
  local rate, period, burst = ARGV[3 * b - 1] + 0, ARGV[3 * b] + 0, ARGV[3 * b + 1] + 0
  local capacity = burst * period
  credits[b] = math.min(capacity, (credits[b] or capacity) + (now - last) * rate)
  never = never or n > burst
  wait = math.max(wait, math.ceil((n * period - credits[b]) / rate))
end

local allowed = not never and wait == 0
local remaining, reset = math.huge, 0
for b = 1, buckets do
  local rate, period, burst = ARGV[3 * b - 1] + 0, ARGV[3 * b] + 0, ARGV[3 * b + 1] + 0
  if allowed then
    credits[b] = credits[b] - n * period
  end
  remaining = math.min(remaining, math.floor(credits[b] / period))
  reset = math.max(reset, math.ceil((burst * period - credits[b]) / rate))
end
if allowed then
  for b = 1, buckets do
    credits[b] = string.format('%d', credits[b])
  end
  save(string.format('%d:', now) .. table.concat(credits, ':'), now + reset)
end
return {allowed and 1 or 0, remaining, never and -1 or wait, reset, now}
