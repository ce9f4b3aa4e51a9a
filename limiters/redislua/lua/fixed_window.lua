-- The fixed window, aligned to multiples of its length on the clock in use.
--
-- KEYS[1] holds "used:last": what the window of the latest grant has granted,
-- and the µs of that grant. No key: nothing.
-- ARGV: n, limit, period (µs).
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until unused, µs decided at.
local n, limit, period = ARGV[1] + 0, ARGV[2] + 0, ARGV[3] + 0

local used = 0
local state = redis.call('GET', KEYS[1])
if state then
  local u, last = string.match(state, '^(%d+):(%d+)$')
  if not u then
    return redis.error_reply('ERR value under the key is not the state of a fixed window')
  end
  now = math.max(now, last + 0) -- a clock that steps back opens no window twice
  if last - last % period == now - now % period then
    used = u + 0
  end
end

local rest = period - now % period
local allowed, wait = 0, -1
if n <= limit and used + n > limit then
  wait = rest
elseif n <= limit then
  allowed, wait = 1, 0
  used = used + n
  save(string.format('%d:%d', used, now), now + rest)
end
return {allowed, math.max(0, limit - used), wait, used > 0 and rest or 0, now}
