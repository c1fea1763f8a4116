-- All spellings of numerals.
print(3, 345, 0xff, 0xBEBADA, 0XA) -- expect: 3 345 255 12499674 10
print(3.0, 3.1416, 314.16e-2, 0.31416E1, 34e1) -- expect: 3.0 3.1416 3.1416 3.1416 340.0
print(0x0.1E, 0xA23p-4, 0X1.921FB54442D18P+1) -- expect: 0.1171875 162.1875 3.1415926535898
print(.5, 3., 0x.8, 0x8., 0x.8p1, 0xA.8p0) -- expect: 0.5 3.0 0.5 8.0 1.0 10.5
print(1e+2, 1E-2, 00012, 1e0) -- expect: 100.0 0.01 12 1.0
print(0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffffff)
-- expect: 9223372036854775807 -9223372036854775808 -1
print(9007199254740993, 1e308 * 10, -1e308 * 10) -- expect: 9007199254740993 inf -inf
print(123456789012345678901234567890) -- expect: 1.2345678901235e+29
print(1e-400, 0x1p-1074, 0x1p1023) -- expect: 0.0 4.9406564584125e-324 8.9884656743116e+307
print(1//1, 1 ..2, 1 .. 2) -- expect: 1 12 12
print(#"1", - -3, -  3, 2^-3) -- expect: 1 3 -3 0.125

-- Malformed ones are refused by the parser.
for _, text in ipairs {"3x", "0x", "1e", "1e+", "0xep", "1..2.3", "3.4.5", "0x1p"} do
  local f, message = load("return " .. text)
  print(f, (message:gsub("^.-:1: ", "")))
  -- expect: nil malformed number near '3x'
  -- expect: nil malformed number near '0x'
  -- expect: nil malformed number near '1e'
  -- expect: nil malformed number near '1e+'
  -- expect: nil malformed number near '0xep'
  -- expect: nil malformed number near '1..2.3'
  -- expect: nil malformed number near '3.4.5'
  -- expect: nil malformed number near '0x1p'
end
