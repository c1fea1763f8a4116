-- utf8.offset finds characters from either end; utf8.codes walks.
local s = "a\u{e4}\u{20ac}z" -- bytes: 1, 2, 3, 1
print(utf8.offset(s, 1), utf8.offset(s, 2), utf8.offset(s, 3), utf8.offset(s, 4), utf8.offset(s, 5))
-- expect: 1 2 4 7 8
print(utf8.offset(s, 6), utf8.offset(s, -1), utf8.offset(s, -2)) -- expect: nil 7 4
print(utf8.offset(s, -4), utf8.offset(s, -5)) -- expect: 1 nil
print(utf8.offset(s, 0, 3), utf8.offset(s, 0, 5), utf8.offset(s, 0, 1), utf8.offset(s, 0, 8))
-- expect: 2 4 1 8
print(utf8.offset(s, 1, 4), utf8.offset(s, 2, 2)) -- expect: 4 4
print(utf8.offset(s, -1, 4), utf8.offset("", 1), utf8.offset("", 0)) -- expect: 2 1 1
for p, c in utf8.codes(s) do io.write(p, ":", c, " ") end
print() -- expect: 1:97 2:228 4:8364 7:122
for p, c in utf8.codes("") do print("never") end
for p, c in utf8.codes("\u{7FFFFFFF}x", true) do io.write(p, ":", c, " ") end
print() -- expect: 1:2147483647 7:120
print(pcall(utf8.offset, s, 1, 3)) -- expect: false initial position is a continuation byte
print(pcall(utf8.offset, s, 1, 9))
-- expect: false bad argument #3 to 'utf8.offset' (position out of bounds)
print(pcall(utf8.offset, "abc"))
-- expect: false bad argument #2 to 'utf8.offset' (number expected, got no value)
print(select(2, pcall(function() for _ in utf8.codes("a\xffb") do end end)):match(": (.*)"))
-- expect: invalid UTF-8 code

print(select(2, pcall(function() for _ in utf8.codes("\xed\xa0\x80") do end end)):match(": (.*)"))
-- expect: invalid UTF-8 code
-- Reversing and slicing by characters.
local function usub(text, i, j)
  return text:sub(utf8.offset(text, i), utf8.offset(text, j + 1) - 1)
end
print(usub(s, 2, 3), usub(s, 4, 4), usub(s, 1, 1)) -- expect: ä€ z a
local chars = {}
for _, c in utf8.codes(s) do table.insert(chars, 1, utf8.char(c)) end
print(table.concat(chars), utf8.len(table.concat(chars))) -- expect: z€äa 4
