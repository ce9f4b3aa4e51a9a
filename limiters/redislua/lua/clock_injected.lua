-- The time is what the caller says it is: the last argument, in µs.
local now = ARGV[#ARGV] + 0

-- The server's clock cannot tell when a key is no longer needed: outlive any run.
local function save(state)
  redis.call('SET', KEYS[1], state, 'PX', '86400000')
end
local function keep()
  redis.call('PEXPIRE', KEYS[1], '86400000')
end
