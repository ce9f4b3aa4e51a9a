-- held returns what a token bucket holds, in units of 1/period of a token, and the
-- µs of its latest grant; nothing if the state is none of a token bucket.
local function held(state)
  local credit, last = string.match(state, '^(%d+):(%d+)$')
  return credit and credit + 0, last and last + 0
end

-- state is that of a bucket under the limit in force that holds so much.
local function state(units, last)
  return string.format('%d:%d', units, last)
end
