-- Gives back a lease; see the script that grants it.
--
-- ARGV: n, number.
-- Reply: whether there was such a lease, µs decided at.
local lease = ARGV[2] .. ':' .. ARGV[1]

local known = redis.call('ZMSCORE', KEYS[1], 'held', 'last', lease)
if known[2] then
  now = math.max(now, -known[2])
end
if not known[1] or not known[3] or now >= known[3] + 0 then
  return {0, now}
end
redis.call('ZREM', KEYS[1], lease)
redis.call('ZADD', KEYS[1], string.format('%d', known[1] + ARGV[1]), 'held', string.format('%d', -now), 'last')
return {1, now}
