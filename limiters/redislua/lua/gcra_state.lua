-- held returns what a GCRA could grant, in units of 1/period of a token, and the µs of
-- its latest grant; nothing if the state is none of a GCRA.
local function held(state, rate, period, burst)
  local tat, part, last = string.match(state, '^(%d+):(%d+):(%d+)$')
  return tat and burst * period - (tat - last) * rate - part, last and last + 0
end

-- state is that of a GCRA under the limit in force that could grant so much.
local function state(units, last)
  local rate, debt = ARGV[2] + 0, ARGV[4] * ARGV[3] - units
  return string.format('%d:%d:%d', last + math.floor(debt / rate), debt % rate, last)
end
