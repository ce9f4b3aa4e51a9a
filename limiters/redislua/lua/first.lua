-- first returns the least i above from for which holds(i). For those after it
-- holds must be true as well. Near ones are found in few looks, far ones in
-- twice the logarithm of how far they are.
local function first(from, holds)
  local step = 1
  while not holds(from + step) do
    from, step = from + step, step * 2
  end
  while step > 1 do
    local half = math.floor(step / 2)
    if holds(from + half) then
      step = half
    else
      from, step = from + half, step - half
    end
  end
  return from + 1
end
