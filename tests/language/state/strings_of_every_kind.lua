-- Empty, with zeros, invalid UTF-8, short and long, equal ones made in different ways.
local samples = {
  "", "\0", "a\0b\0", "\xff\xfe\x80", "\xed\xa0\x80", "plain", ("long "):rep(20), ("z"):rep(40),
  ("z"):rep(41), "\u{20AC}\u{10FFFF}", "line\nbreak\ttab\r", ("\0"):rep(50), "1", "1.0",
}
local lengths = {}
for i, s in ipairs(samples) do lengths[i] = #s end
print(table.concat(lengths, " ")) -- expect: 0 1 4 3 3 5 100 40 41 7 15 50 1 3
local index = {}
for i, s in ipairs(samples) do index[s] = i end
for i, s in ipairs(samples) do
  local bytes = {s:byte(1, -1)}
  local rebuilt = {}
  for j, b in ipairs(bytes) do rebuilt[j] = string.char(b) end
  local copy = table.concat(rebuilt)
  assert(copy == s and index[copy] == i and #copy == #s and not (copy < s) and copy <= s)
end
print(index[""], index["a" .. "\0b\0"], index[("z"):rep(20) .. ("z"):rep(20)], index[("z"):rep(42)])
-- expect: 1 3 8 nil
-- Order is by bytes, shorter first.
local sorted = {"b", "a\0", "a", "", "B", "a\0b", "\xff", "ab"}
table.sort(sorted)
for i, s in ipairs(sorted) do sorted[i] = "'" .. s:gsub("%W", "?") .. "'" end
print(table.concat(sorted, " ")) -- expect: '' 'B' 'a' 'a?' 'a?b' 'ab' 'b' '?'
-- Long strings as keys and in comparisons, made twice.
local function long(tag) return tag .. ("0123456789"):rep(10) end
local t = {[long("a")] = 1, [long("b")] = 2}
t[long("a")] = t[long("a")] + 10
print(t[long("a")], t[long("b")], t[long("c")], long("a") == long("a"), long("a") ~= long("b"))
-- expect: 11 2 nil true true
-- Half a megabyte survives what goes on around it.
local big = ("0123456789abcdef"):rep(32768)
local part = big:sub(100001, 100016)
for i = 1, 3 do collectgarbage("step") end
print(#big, part, big:byte(-1), big == ("0123456789abcdef"):rep(32768), big:find("f0", 300000))
-- expect: 524288 0123456789abcdef 102 true 300000 300001
