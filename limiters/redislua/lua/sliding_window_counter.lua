-- The sliding window counter: two aligned windows, the older one weighted by the
-- share of it that lies in the trailing period. Exact in integers.
--
-- KEYS[1] holds "prev:cur:last": what the window before that of the latest grant
-- and this one have granted, and the µs of that grant. No key: nothing.
-- ARGV: n, limit, period (µs).
-- Reply: allowed, remaining, µs to wait (-1: for ever), µs until unused, µs decided at.
local n, limit, period = ARGV[1] + 0, ARGV[2] + 0, ARGV[3] + 0

local prev, cur, last = 0, 0, 0
local state = redis.call('GET', KEYS[1])
if state then
  prev, cur, last = string.match(state, '^(%d+):(%d+):(%d+)$')
  if not prev then
    return redis.error_reply('ERR value under the key is not the state of a sliding window counter')
  end
  prev, cur, last = prev + 0, cur + 0, last + 0
  now = math.max(now, last) -- a clock that steps back brings and takes nothing
end
local start = now - now % period
if last < start - period then
  prev, cur = 0, 0
elseif last < start then
  prev, cur = cur, 0
end

-- In units of 1/period of a token; the limit is at most 2^51 of them.
local rest = start + period - now
local room, need = (limit - cur) * period - prev * rest, n * period
local allowed, wait = 0, -1
if n <= limit and need > room then
  local free = limit - cur - n
  if free >= 0 then -- the older window has to weigh no more than this
    wait = rest - math.floor(free * period / prev)
  else -- not in this window; in the next one it is the older
    wait = rest + period - math.floor((limit - n) * period / cur)
  end
elseif n <= limit then
  allowed, wait = 1, 0
  cur, room = cur + n, room - need
end
local reset = cur > 0 and rest + period or prev > 0 and rest or 0
if allowed == 1 then
  save(string.format('%d:%d:%d', prev, cur, now), now + reset)
end
return {allowed, math.max(0, math.floor(room / period)), wait, reset, now}
