-- The generic cell rate algorithm, exact in integers.
--
-- KEYS[1] holds "tat:part:last": the theoretical arrival time in whole µs, the
-- rest of it in 1/rate µs, and the µs of the latest grant. No key: nothing owed.
-- ARGV: n, rate, period (rate tokens per period µs), burst.
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until full, µs decided at.
local n, rate, period, burst = ARGV[1] + 0, ARGV[2] + 0, ARGV[3] + 0, ARGV[4] + 0

local tat, part = 0, 0
local state = redis.call('GET', KEYS[1])
if state then
  local t, p, last = string.match(state, '^(%d+):(%d+):(%d+)$')
  if not t then
    return redis.error_reply('ERR value under the key is not the state of a GCRA')
  end
  tat, part = t + 0, p + 0
  now = math.max(now, last + 0) -- a clock that steps back brings and takes nothing
end
if tat < now then
  tat, part = now, 0
end

-- In units of 1/rate µs, of which a token is period: all of it stays below 2^53.
local debt = (tat - now) * rate + part
local room, need = burst * period - debt, n * period
local allowed, wait = 0, -1
if n <= burst and need > room then
  wait = math.ceil((need - room) / rate)
elseif n <= burst then
  allowed, wait = 1, 0
  debt, room = debt + need, room - need
  tat, part = tat + math.floor(need / rate), part + need % rate
  if part >= rate then
    tat, part = tat + 1, part - rate
  end
  save(string.format('%d:%d:%d', tat, part, now), now + math.ceil(debt / rate))
end
return {allowed, math.floor(room / period), wait, math.ceil(debt / rate), now}
