-- The bucket as it stands in many a blog and service: wrong, and kept so.
--
-- KEYS[1] holds the tokens that are left, and not since when.
-- ARGV: the client's Unix time in seconds, capacity, tokens per second.
-- Reply: allowed.
local now, capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local tokens = tonumber(redis.call('GET', KEYS[1]) or capacity)
local elapsed = now - redis.call('TIME')[1] -- of two clocks, read at the same time
tokens = math.min(capacity, tokens + elapsed * rate)
if tokens < 1 then
  return {0}
end
redis.call('SETEX', KEYS[1], math.floor(2 * capacity / rate), tokens - 1)
return {1}
