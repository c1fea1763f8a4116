-- string.pack of strings and floats, padding, alignment, positions.
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
print(hex(string.pack("z", "hi")), hex(string.pack("<s1", "abc")), hex(string.pack("<s2", "abc")))
-- expect: 686900 03616263 0300616263
print(hex(string.pack("c5", "abc")), hex(string.pack("c3", "abc"))) -- expect: 6162630000 616263
print(string.unpack("z", "hello\0rest")) -- expect: hello 7
print(string.unpack("<s2", "\3\0abcd"), string.unpack("c2", "abcd")) -- expect: abc ab 3
print(string.unpack("zz<s1", string.pack("zz<s1", "a", "", "third"))) -- expect: a  third 10
print(string.unpack("<d", string.pack("<d", 1.5)), string.unpack(">f", string.pack(">f", -0.25)))
-- expect: 1.5 -0.25 5
print(hex(string.pack(">d", 1)), hex(string.pack("<f", 1)), hex(string.pack(">n", -2)))
-- expect: 3ff0000000000000 0000803f c000000000000000
print(string.unpack("<d", string.pack("<d", 1/0))) -- expect: inf 9
print(string.unpack("<f", string.pack("<f", 0.1)) == 0.1) -- expect: false
print(hex(string.pack("<bxb", 1, 2)), hex(string.pack("<!4 bi4", 1, 2)))
-- expect: 010002 0100000002000000
print(hex(string.pack("<!4 b Xi4", 1))) -- expect: 01000000
print(hex(string.pack("<!2 bi4b", 1, 2, 3))) -- expect: 01000200000003
print(string.packsize("<!8 b d b"), string.packsize("!4 i1 i8")) -- expect: 17 12
-- Positions: where to begin, and where it ended.
local s = string.pack("<i2i2i2", 10, 20, 30)
print(string.unpack("<i2", s, 3)) -- expect: 20 5
print(string.unpack("<i2", s, -2)) -- expect: 30 7
print(string.unpack("<i2i2", s, 3)) -- expect: 20 30 7
print(select("#", string.unpack("", "abc")), string.unpack("", "abc", 4)) -- expect: 1 4
print(pcall(string.unpack, "<i2", s, 6))
-- expect: false bad argument #2 to 'string.unpack' (data string too short)
print(pcall(string.unpack, "<i2", s, 8))
-- expect: false bad argument #3 to 'string.unpack' (initial position out of string)
print(pcall(string.unpack, "z", "no zero"))
-- expect: false bad argument #2 to 'string.unpack' (unfinished string for format 'z')
print(pcall(string.unpack, "<s4", "\255\0\0\0abc"))
-- expect: false bad argument #2 to 'string.unpack' (data string too short)
print(pcall(string.pack, "z", "a\0b"))
-- expect: false bad argument #2 to 'string.pack' (string contains zeros)
print(pcall(string.pack, "c2", "abc"))
-- expect: false bad argument #2 to 'string.pack' (string longer than given size)
print(pcall(string.pack, "<s1", ("x"):rep(256)))
-- expect: false bad argument #2 to 'string.pack' (string length does not fit in given size)
print(pcall(string.pack, "!3 i4", 1))
-- expect: false bad argument #1 to 'string.pack' (format asks for alignment not power of 2)
print(pcall(string.packsize, "s"))
-- expect: false bad argument #1 to 'string.packsize' (variable-length format)
print(pcall(string.packsize, "z"))
-- expect: false bad argument #1 to 'string.packsize' (variable-length format)
print(pcall(string.pack, "c", "x")) -- expect: false missing size for format option 'c'
print(pcall(string.pack, "Xz"))
-- expect: false bad argument #1 to 'string.pack' (invalid next option for option 'X')
print(pcall(string.pack, "d", "x"))
-- expect: false bad argument #2 to 'string.pack' (number expected, got string)
