-- The sliding window log: every grant of the trailing period, in a list.
--
-- KEYS[1] is the list base, t1, sum1, t2, sum2, … of grants in the order of time:
-- the µs of each, and what had been granted in all when it was. base is what had
-- been before the first of them, so that sums of some are differences. They count
-- in a circle of 2^52, of which a limit is at most half. No key: nothing.
-- ARGV: n, limit, period (µs).
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until unused, µs decided at.
local n, limit, period = ARGV[1] + 0, ARGV[2] + 0, ARGV[3] + 0
local circle = 4503599627370496

local function at(i)
  return redis.call('LINDEX', KEYS[1], 2 * i - 1)
end
local function sum(i)
  return redis.call('LINDEX', KEYS[1], 2 * i)
end

local gone, base, total, last = 0, 0, 0, false
local tail = redis.call('LRANGE', KEYS[1], -2, -1)
if tail[1] then
  last, total = tonumber(tail[1]), tonumber(tail[2])
  if not total or not last then
    return redis.error_reply('ERR value under the key is not the state of a sliding window log')
  end
  now = math.max(now, last) -- a clock that steps back brings and takes nothing
  gone = first(0, function(i)
    local t = at(i)
    return not t or t + period > now
  end) - 1
  base = sum(gone) + 0
end

local used = (total - base) % circle
local allowed, wait = 0, -1
if n <= limit and used + n > limit then
  local over = used + n - limit
  local freeing = first(gone, function(i)
    local s = sum(i)
    return not s or (s - base) % circle >= over
  end)
  wait = at(freeing) + period - now
elseif n <= limit then
  allowed, wait = 1, 0
  used, total = used + n, string.format('%d', (total + n) % circle)
  if not last then
    redis.call('RPUSH', KEYS[1], base)
  elseif gone > 0 then
    redis.call('LTRIM', KEYS[1], 2 * gone, -1)
  end
  if now == last then -- grants of one instant share an entry
    redis.call('LSET', KEYS[1], -1, total)
  else
    redis.call('RPUSH', KEYS[1], string.format('%d', now), total)
  end
  last = now
  keep(now + period)
end
return {allowed, math.max(0, limit - used), wait, used > 0 and last + period - now or 0, now}
