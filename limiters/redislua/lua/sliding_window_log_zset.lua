-- The sliding window log: every grant of the trailing period, in a sorted set.
--
-- KEYS[1] scores each grant "before:after" by its µs: what had been granted in all
-- before it and after it, so that sums of some are differences. They count in a
-- circle of 2^52, of which a limit is at most half. No key: nothing.
-- ARGV: n, limit, period (µs).
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until unused, µs decided at.
local n, limit, period = ARGV[1] + 0, ARGV[2] + 0, ARGV[3] + 0
local circle = 4503599627370496

-- grant returns the i-th oldest: its sums, and its µs.
local function grant(i)
  local g = redis.call('ZRANGE', KEYS[1], i - 1, i - 1, 'WITHSCORES')
  if g[1] then
    local before, after = string.match(g[1], '^(%d+):(%d+)$')
    return before and before + 0, after and after + 0, g[2] + 0
  end
end

local gone, base, before, total, last = 0, 0, grant(0)
if last then
  if not total then
    return redis.error_reply('ERR value under the key is not the state of a sliding window log')
  end
  now = math.max(now, last) -- a clock that steps back brings and takes nothing
  gone = redis.call('ZCOUNT', KEYS[1], '-inf', string.format('%d', now - period))
  base = grant(gone + 1) or total
end

local used = ((total or 0) - base) % circle
local allowed, wait = 0, -1
if n <= limit and used + n > limit then
  local over = used + n - limit
  local freeing = first(gone, function(i)
    local _, after = grant(i)
    return not after or (after - base) % circle >= over
  end)
  local _, _, t = grant(freeing)
  wait = t + period - now
elseif n <= limit then
  allowed, wait = 1, 0
  if gone > 0 then
    redis.call('ZREMRANGEBYRANK', KEYS[1], 0, gone - 1)
  end
  if now == last then -- grants of one instant share an entry
    redis.call('ZREMRANGEBYRANK', KEYS[1], -1, -1)
  else
    before = total or 0
  end
  total = ((total or 0) + n) % circle
  redis.call('ZADD', KEYS[1], string.format('%d', now), string.format('%d:%d', before, total))
  used, last = used + n, now
  keep(now + period)
end
return {allowed, math.max(0, limit - used), wait, used > 0 and last + period - now or 0, now}
