-- Bitwise operators work on 64-bit integers; shifts fill with zeros.
print(0xF0 & 0x3C, 0xF0 | 0x0F, 0xF0 ~ 0xFF, ~0, ~5) -- expect: 48 255 15 -1 -6
print(1 << 4, 256 >> 4, -1 >> 60, -1 << 60) -- expect: 16 16 15 -1152921504606846976
print(1 << 63, 1 << 64, 1 << 65, 1 >> 64) -- expect: -9223372036854775808 0 0 0
print(1 << -1, 8 << -2, 8 >> -2, 1 >> -63) -- expect: 0 2 32 -9223372036854775808
print(1 << math.mininteger, 1 >> math.mininteger, 1 << math.maxinteger) -- expect: 0 0 0
print(-1 >> 1 == math.maxinteger, -1 // 2) -- expect: true -1
print(5 & 6.0, 5.0 | 8, 2^10 // 1 | 0) -- expect: 4 13 1024
print(~0 == -1, ~math.maxinteger == math.mininteger) -- expect: true true

-- Precedence: shifts over &, & over ~, ~ over |, all below arithmetic, above comparison.
print(1 | 2 ~ 3 & 4 << 1) -- expect: 3
print(1 + 1 << 2, 1 << 1 + 1) -- expect: 8 4
print((6 & 3) == 2, 6 & 3 == 2) -- expect: true true

-- Operands in registers and as constants, on both sides.
local a, s = 0x0F0F, 4
print(a << s, a >> s, a << 4, a >> 4, 1 << s, 0xF0 >> s) -- expect: 61680 240 61680 240 16 15
print(a & 0xFF, 0xFF & a, a | 0xFF, 0xFF | a, a ~ 0xFF, 0xFF ~ a)
-- expect: 15 15 4095 4095 4080 4080
print(~a & 0xFFFF, ~~a == a, a ~ a) -- expect: 61680 true 0

-- Population count of a large number.
local n, count = 0xDEADBEEFCAFE, 0
while n ~= 0 do
  n = n & (n - 1)
  count = count + 1
end
print(count) -- expect: 35
