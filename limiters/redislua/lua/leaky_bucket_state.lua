-- held returns what is free in a leaky bucket, in units of 1/period of a token, and
-- the µs of its latest grant; nothing if the state is none of a leaky bucket.
local function held(state, _, period, burst)
  local level, last = string.match(state, '^(%d+):(%d+)$')
  return level and burst * period - level, last and last + 0
end

-- state is that of a bucket under the limit in force in which so much is free.
local function state(units, last)
  return string.format('%d:%d', ARGV[4] * ARGV[3] - units, last)
end
