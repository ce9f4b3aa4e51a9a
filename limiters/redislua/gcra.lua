-- The generic cell rate algorithm, exact in integers.
--
-- KEYS[1] holds "tat:part:last": the theoretical arrival time in whole µs, the
-- rest of it in 1/rate µs, and the µs of the latest grant. No key: nothing owed.
-- ARGV: rate, period (rate tokens per period µs), burst, n, now (µs, or empty).
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until full, µs decided at.
local rate, period, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local n, now = tonumber(ARGV[4]), tonumber(ARGV[5])
local injected = now
if not injected then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

local tat, part = now, 0
local state = redis.call('GET', KEYS[1])
if state then
  local t, p, last = string.match(state, '^(%d+):(%d+):(%d+)$')
  if not t then
    return redis.error_reply('ERR value under the key is not the state of a GCRA')
  end
  now = math.max(now, tonumber(last)) -- a clock that steps back brings and takes nothing
  tat, part = tonumber(t), tonumber(p)
  if tat < now then
    tat, part = now, 0
  end
end

-- In units of 1/rate µs, of which a token is period: all of it stays below 2^53.
local debt = (tat - now) * rate + part
local room, need = burst * period - debt, n * period
local allowed, wait = 0, -1
if n <= burst and need > room then
  wait = math.ceil((need - room) / rate)
elseif n <= burst then
  allowed, wait = 1, 0
  local whole = math.floor(need / rate)
  tat, part = tat + whole, part + need - whole * rate
  if part >= rate then
    tat, part = tat + 1, part - rate
  end
  debt, room = debt + need, room - need
  state = string.format('%.0f:%.0f:%.0f', tat, part, now)
  if injected then
    redis.call('SET', KEYS[1], state, 'PX', '86400000') -- the server's clock cannot tell when: outlive any run
  else
    -- The instant at which the debt is paid, rounded up. A duration (PX) would count from
    -- another reading of the clock than TIME's, and might end too early.
    redis.call('SET', KEYS[1], state, 'PXAT', string.format('%.0f', math.ceil((now + math.ceil(debt / rate)) / 1000)))
  end
end
return {allowed, math.floor(room / period), wait, math.ceil(debt / rate), now}
