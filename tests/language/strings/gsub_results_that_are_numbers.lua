-- What a function gives gsub may be a number, also when the stack has to grow for the call.
print((string.gsub("abc", "()", function(at) return at + 0.5 end))) -- expect: 1.5a2.5b3.5c4.5
print((string.gsub("abc", "%w", function(c) return c:byte() end))) -- expect: 979899
local function deep(n, c) return n == 0 and c .. 1 or (deep(n - 1, c)) end
print((string.gsub("ab", "%w", function(c) return deep(40, c) end))) -- expect: a1b1
