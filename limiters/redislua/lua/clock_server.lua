-- The time is the server's own, in µs, the same throughout a script.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

-- What nothing depends on from the µs due on may go then, rounded up to a ms. A
-- duration would count from another reading of the clock than TIME's, and might
-- end too early.
local function save(state, due)
  redis.call('SET', KEYS[1], state, 'PXAT', string.format('%d', math.ceil(due / 1000)))
end
local function keep(due)
  redis.call('PEXPIREAT', KEYS[1], string.format('%d', math.ceil(due / 1000)))
end
