-- string.pack of integers: sizes, signs, byte order, overflow.
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
print(hex(string.pack("<i4", 1)), hex(string.pack(">i4", 1)), hex(string.pack("<i2", -2)))
-- expect: 01000000 00000001 feff
print(hex(string.pack("b", -1)), hex(string.pack("B", 255)), hex(string.pack("<h", 258)))
-- expect: ff ff 0201
print(hex(string.pack("<i3", -1)), hex(string.pack(">I3", 0x010203)), hex(string.pack("<i8", -1)))
-- expect: ffffff 010203 ffffffffffffffff
print(hex(string.pack(">I8", math.mininteger))) -- expect: 8000000000000000
print(hex(string.pack("<j", 1)), hex(string.pack(">J", -1)))
-- expect: 0100000000000000 ffffffffffffffff
print(hex(string.pack("<i16", -2))) -- expect: feffffffffffffffffffffffffffffff
print(string.unpack("<i2", "\xfe\xff"), string.unpack("<I2", "\xfe\xff")) -- expect: -2 65534 3
print(string.unpack(">i3", "\xff\xff\x00"), string.unpack("<i7", "\1\0\0\0\0\0\0"))
-- expect: -256 1 8
print(string.unpack("<i16", string.pack("<i16", -12345))) -- expect: -12345 17
print(string.unpack("bBhH", string.pack("bBhH", -1, 200, -300, 60000)))
-- expect: -1 200 -300 60000 7
print(string.unpack("<i4>i4=i4", string.pack("<i4>i4=i4", 1, 2, 3))) -- expect: 1 2 3 13
print(string.packsize("b"), string.packsize("i4i8")) -- expect: 1 12
print(string.packsize("<!4 b i4"), string.packsize("j")) -- expect: 8 8
for _, size in ipairs {1, 2, 3, 4, 5, 6, 7, 8, 12, 16} do
  for _, v in ipairs {0, 1, -1, 100, -100} do
    local s = string.pack("<i" .. size, v)
    assert(#s == size and string.unpack("<i" .. size, s) == v)
    local r = string.pack(">i" .. size, v)
    assert(r == s:reverse())
  end
end
print(pcall(string.pack, "b", 128))
-- expect: false bad argument #2 to 'string.pack' (integer overflow)
print(pcall(string.pack, "B", -1))
-- expect: false bad argument #2 to 'string.pack' (unsigned overflow)
print(pcall(string.pack, "<i2", 32768))
-- expect: false bad argument #2 to 'string.pack' (integer overflow)
print(pcall(string.pack, "i17", 1)) -- expect: false integral size (17) out of limits [1,16]
print(pcall(string.pack, "i0", 1)) -- expect: false integral size (0) out of limits [1,16]
print(pcall(string.unpack, "<i9", ("\xff"):rep(8) .. "\1"))
-- expect: false 9-byte integer does not fit into Lua Integer
print(pcall(string.unpack, "<i4", "abc"))
-- expect: false bad argument #2 to 'string.unpack' (data string too short)
print(pcall(string.pack, "i4", "x"))
-- expect: false bad argument #2 to 'string.pack' (number expected, got string)
print(pcall(string.pack, "y", 1)) -- expect: false invalid format option 'y'
