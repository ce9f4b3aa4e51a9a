-- The leaky bucket, as a meter and as a queue, exact in integers.
--
-- KEYS[1] holds "level:last": how full the bucket was after the latest grant, in
-- units of 1/period of a token, and the µs of that grant. No key: empty.
-- ARGV: n, rate, period (rate tokens per period µs), burst.
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until empty, µs decided
-- at, µs until what was in the bucket before has leaked: a queue's delay.
local n, rate, period, burst = ARGV[1] + 0, ARGV[2] + 0, ARGV[3] + 0, ARGV[4] + 0

local level = 0
local state = redis.call('GET', KEYS[1])
if state then
  local l, last = string.match(state, '^(%d+):(%d+)$')
  if not l then
    return redis.error_reply('ERR value under the key is not the state of a leaky bucket')
  end
  now = math.max(now, last + 0) -- a clock that steps back brings and takes nothing
  level = math.max(0, l - (now - last) * rate)
end

-- Each µs drains rate units, and a token is period of them: nothing is rounded.
local room, need = burst * period - level, n * period
local allowed, wait, delay = 0, -1, 0
if n <= burst and need > room then
  wait = math.ceil((need - room) / rate)
elseif n <= burst then
  allowed, wait, delay = 1, 0, math.ceil(level / rate)
  level, room = level + need, room - need
  save(string.format('%d:%d', level, now), now + math.ceil(level / rate))
end
return {allowed, math.floor(room / period), wait, math.ceil(level / rate), now, delay}
