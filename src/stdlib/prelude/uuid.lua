-- UUIDs (RFC 9562) from the random numbers of the Vm, so that they are the same where those are.

local function written(high, low)
  return string.format("%08x-%04x-%04x-%04x-%012x", high >> 32, high >> 16 & 0xffff, high & 0xffff,
                       low >> 48, low & 0xffffffffffff)
end

return {
  ["uuid.v4"] = function()
    return written(math.random(0) & ~0xf000 | 0x4000,
                   math.random(0) & 0x3fffffffffffffff | 0x8000000000000000)
  end,
  -- Ordered by the time at which it was made, to the second.
  ["uuid.v7"] = function()
    return written(os.time() * 1000 << 16 | math.random(0) & 0xfff | 0x7000,
                   math.random(0) & 0x3fffffffffffffff | 0x8000000000000000)
  end,
  ["uuid.is"] = function(text)
    if type(text) ~= "string" or #text ~= 36 then return false end
    return string.find(text, "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$") ~= nil
  end,
}
