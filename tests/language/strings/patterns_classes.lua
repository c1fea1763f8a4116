-- Character classes, sets, and their complements.
local all = {}
for i = 0, 255 do all[i + 1] = string.char(i) end
all = table.concat(all)
for _, class in ipairs {"%a", "%c", "%d", "%g", "%l", "%p", "%s", "%u", "%w", "%x"} do
  local n = select(2, all:gsub(class, ""))
  local complement = select(2, all:gsub(class:upper(), ""))
  print(class, n, complement)
  -- expect: %a 52 204
  -- expect: %c 33 223
  -- expect: %d 10 246
  -- expect: %g 94 162
  -- expect: %l 26 230
  -- expect: %p 32 224
  -- expect: %s 6 250
  -- expect: %u 26 230
  -- expect: %w 62 194
  -- expect: %x 22 234
end
print((all:gsub("[^%w]", "")))
-- expect: 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz
print((all:gsub("[^%p]", ""))) -- expect: !"#$%&'()*+,-./:;<=>?@[\]^_`{|}~
print(#all:gsub(".", "x"), select(2, all:gsub("[\0-\31]", "")), select(2, all:gsub("%z", "")))
-- expect: 256 32 1
print(("x^y-z]w"):gsub("[]^-]", "_")) -- expect: x_y_z_w 3
print(("abc-xyz"):gsub("[a-cx-z]", "."), ("a-c"):gsub("[a%-c]", "."), ("a-c"):gsub("[ac-]", "."))
-- expect: ...-... ... ... 3
print(("hello world"):match("[%a%s]+"), ("10:20"):match("[%d:]+")) -- expect: hello world 10:20
print(("[x]"):match("[[]"), ("[x]"):match("[]]")) -- expect: [ ]
print(("a.b"):match("%."), ("a%b"):match("%%"), ("f(x)"):match("%((.-)%)")) -- expect: . % x
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$")) -- expect: key value
print(("  trim me  "):match("^%s*(.-)%s*$") .. "|") -- expect: trim me|
print(("0x1F"):match("^0[xX](%x+)$"), ("caf\xc3\xa9"):match("[\x80-\xff]+") == "\xc3\xa9")
-- expect: 1F true
print(pcall(string.match, "x", "[a")) -- expect: false malformed pattern (missing ']')
print(pcall(string.match, "x", "[%")) -- expect: false malformed pattern (missing ']')
print(pcall(string.match, "x", "%")) -- expect: false malformed pattern (ends with '%')
print(pcall(string.match, "x", "[^]")) -- expect: false malformed pattern (missing ']')
print(pcall(string.match, "x", "[]")) -- expect: false malformed pattern (missing ']')
