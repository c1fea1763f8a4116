-- golden: fuel 4000
-- Stopped in the middle of loops: integers, floats, strings, a table with holes, varargs, goto.
return {main = function(...)
  local hash, sparse, x = 0, {}, 0.5
  for n = 1, 2000 do
    hash = (hash * 31 + n) & 0xffffffff
    x = x * 1.5 % 7 - x / 3
    if n % 500 == 0 then
      sparse[n] = string.format("%.17g", x)
      goto continue
    end
    sparse[n % 10 + 0.25] = -n
    ::continue::
  end
  return hash, sparse[500], sparse[2000], sparse[0.25], math.type(x), 1 / 0 > x, math.random(1000000)
end}
