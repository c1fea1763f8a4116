-- %s, %q, %%, %p and conversions through tostring.
print(string.format("%s %s %s %s", 1, 1.0, true, nil)) -- expect: 1 1.0 true nil
print(string.format("[%10s|%-10s|%.2s|%5.1s]", "right", "left", "cut", "xyz"))
-- expect: [     right|left      |cu|    x]
print(string.format("%s", setmetatable({}, {__tostring = function() return "meta" end})))
-- expect: meta
print(string.format("%%|%d%%", 50), string.format("no conversions"), string.format("") == "")
-- expect: %|50% no conversions true
print(#string.format("%s", ("x"):rep(500)), string.format("%s|%s", "a\0b", "c") == "a\0b|c")
-- expect: 500 true
print(string.format("%q", 'say "hi"\n\\ tab\t zero\0 one\0011 \r'))
-- expect: "say \"hi\"\
-- expect: \\ tab\9 zero\0 one\0011 \13"
print(string.format("%q %q %q %q", 1, math.mininteger, true, nil))
-- expect: 1 0x8000000000000000 true nil
print(string.format("%q %q %q", 0.5, 1e100, 1/0), string.format("%q", -1/0))
-- expect: 0x1p-1 0x1.249ad2594c37dp+332 1e9999 -1e9999
print(string.format("%q", 0/0)) -- expect: (0/0)
-- What %q writes, load reads back.
local samples = {"", "\0", "a\nb", "\r\n\t\0009", "'\"\\", 1, -1, 0.1, 1e300, 2^63, 5e-324}
samples[#samples + 1] = math.mininteger
for _, v in ipairs(samples) do
  assert(load("return " .. string.format("%q", v))() == v)
end
local back = load("return " .. string.format("%q", 1/3))()
local odd = ("\0\255\n"):rep(10)
print(back == 1/3, load("return " .. string.format("%q", odd))() == odd) -- expect: true true
print(string.format("%p", nil) == string.format("%p", 1), #string.format("%p", {}) > 2)
-- expect: true true
print(string.format("%-20p|", print):sub(-1)) -- expect: |
print(string.format("%20p", true):match("^ +%(null%)$") ~= nil) -- expect: true
local t = {}
print(string.format("%p", t) == string.format("%p", t)) -- expect: true
print(string.format("%p", t) == string.format("%p", {})) -- expect: false
print(pcall(string.format, "%s")) -- expect: false bad argument #2 to 'string.format' (no value)
print(pcall(string.format, "%q", {}))
-- expect: false bad argument #2 to 'string.format' (value has no literal form)
print(pcall(string.format, "%10q", "x")) -- expect: false specifier '%q' cannot have modifiers
print(pcall(string.format, "%.3q", "x")) -- expect: false specifier '%q' cannot have modifiers
print(pcall(string.format, "%5s", "a\0b"))
-- expect: false bad argument #2 to 'string.format' (string contains zeros)
print(pcall(string.format))
-- expect: false bad argument #1 to 'string.format' (string expected, got no value)
print(pcall(string.format, "%s", setmetatable({}, {__tostring = function() return {} end})))
-- expect: false '__tostring' must return a string
