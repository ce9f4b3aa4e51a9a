-- What a script asks of a server, on a clock that the caller moves: its time, and
-- that a key is gone when its seconds are over.
local at = ARGV[#ARGV] + 0
local server = redis

local redis = {call = function(command, key, seconds, value)
  if command == 'TIME' then
    return {math.floor(at / 1000000), at % 1000000}
  elseif command == 'GET' then
    local state, dies = server.call('GET', key), false
    if state then
      state, dies = string.match(state, '^(%S+) (%d+)$')
    end
    return dies and at < dies + 0 and state
  end
  if seconds < 1 then
    error("ERR invalid expire time in 'setex' command")
  end
  server.call('SET', key, string.format('%.17g %d', value, at + seconds * 1000000), 'PX', '86400000')
end}
