-- Takes a bucket over into the limit in force, if anybody has asked it.
--
-- ARGV: 1, and then as for the algorithm.
-- Reply: whether there was one.
if was then
  local rate, period, burst = ARGV[2] + 0, ARGV[3] + 0, ARGV[4] + 0
  local units, last = held(carried, rate, period, burst)
  if not units then
    return server.error_reply('ERR value under the key is not the state of a bucket')
  end
  save(carried, last + math.ceil((burst * period - units) / rate))
end
return {was and 1 or 0}
