-- A limit on what is held at once, by leases that end by themselves.
--
-- KEYS[1] is a sorted set that scores each lease, "number:tokens", by the µs at
-- which it ends. At 0 and below stand three numbers about them all, negated: "held" (the
-- tokens of all leases in the set), "number" (the latest) and "last" (the µs of
-- the latest grant or release). No key: nothing is held.
-- ARGV: n, limit, term (µs).
-- Reply: allowed, remaining, µs to wait (-1: for ever, -2: whoever holds knows), µs
-- until nothing is held (-2 likewise), µs decided at, number of the lease.
local n, limit, term = ARGV[1] + 0, ARGV[2] + 0, ARGV[3] + 0

local held, number = 0, 0
local known = redis.call('ZMSCORE', KEYS[1], 'held', 'number', 'last')
if known[1] and known[2] and known[3] then
  held, number = -known[1], -known[2]
  now = math.max(now, -known[3]) -- a clock that steps back ends no lease
elseif redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.error_reply('ERR value under the key is not the state of a concurrency limit')
end

local ended = redis.call('ZRANGEBYSCORE', KEYS[1], '(0', string.format('%d', now))
for _, lease in ipairs(ended) do
  held = held - string.match(lease, '%d+$')
end

local allowed, wait = 0, -1
if n <= limit and held + n > limit then
  wait = -2
elseif n <= limit then
  allowed, wait = 1, 0
  held = held + n
  -- Not below the time, so that no number comes again after the key has gone.
  number = math.max(number + 1, now)
  if ended[1] then
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '(0', string.format('%d', now))
  end
  redis.call('ZADD', KEYS[1], string.format('%d', -held), 'held', string.format('%d', -number), 'number',
    string.format('%d', -now), 'last', string.format('%d', now + term), string.format('%d:%d', number, n))
  keep(now + term)
end
return {allowed, math.max(0, limit - held), wait, held > 0 and -2 or 0, now, number}
