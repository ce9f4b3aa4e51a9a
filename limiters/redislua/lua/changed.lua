-- A bucket whose limit was changed. A state ends with "~" and the number of the
-- change that it has been through, or with neither before the first. One that has
-- not been through the latest is taken over as it was at that instant: it holds
-- what it held, as far as that fits, in whole units of the new rate.
--
-- ARGV after the limit in force: its number, the µs from which it is, what a bucket held
-- then that nobody had asked yet, how many limits before it are known, and of each, the
-- oldest first: rate, period, burst, and the µs at which it ended.
local carried, was
do
  -- muldiv is a × b / c rounded down, of whole numbers below 2^51 with a below c:
  -- long division, which doubles can do.
  local function muldiv(a, b, c)
    local quotient, rest = 0, 0
    for bit = 51, 0, -1 do
      local one = 2 ^ bit
      quotient, rest = quotient * 2, rest * 2
      if b >= one then
        b, rest = b - one, rest + a
      end
      while rest >= c do
        quotient, rest = quotient + 1, rest - c
      end
    end
    return quotient
  end

  -- fit is what units of 1/from of a token are in units of 1/period, up to the burst.
  local function fit(units, from, period, burst)
    local tokens = math.floor(units / from)
    if tokens >= burst then
      return burst * period
    end
    return math.min(burst * period, tokens * period + muldiv(units % from, period, from))
  end

  local number, known = ARGV[5] + 0, ARGV[8] + 0
  local function limit(change)
    if change == number then
      return ARGV[2] + 0, ARGV[3] + 0, ARGV[4] + 0
    end
    local at = 9 + 4 * (known - number + change)
    return ARGV[at] + 0, ARGV[at + 1] + 0, ARGV[at + 2] + 0, ARGV[at + 3] + 0
  end

  was = redis.call('GET', KEYS[1])
  if not was then
    if ARGV[7] + 0 < ARGV[4] * ARGV[3] then
      carried = state(ARGV[7], ARGV[6])
    end
  else
    local body, change = string.match(was, '^(.*)~(%d+)$')
    body, change = body or was, (change or 0) + 0
    if change > number or change < number - known then
      return redis.error_reply('ERR value under the key is under a limit that is not known: that of change ' .. change)
    end
    carried = body
    local units, last
    for c = change, number - 1 do
      local rate, period, burst, ended = limit(c)
      if not units then
        units, last = held(body, rate, period, burst)
      end
      if not units then
        break -- whatever it is, the algorithm says that it is not its state
      end
      local at = math.max(last, ended)
      units, last = math.min(burst * period, units + (at - last) * rate), at
      local _, next_period, next_burst = limit(c + 1)
      units = fit(units, period, next_period, next_burst)
    end
    if units then
      carried = state(units, last)
    end
  end
end

local server = redis
local redis = {
  call = function() -- a bucket only ever gets its state
    return carried
  end,
  error_reply = server.error_reply,
}

-- A limit that is changed may fill a bucket more slowly than was thought when its
-- state was kept. By a minute longer there is time to look at all of them.
local briefly = save
local function save(state, due)
  briefly(state .. '~' .. ARGV[5], due + 60000000)
end
