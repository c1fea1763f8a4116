-- Replacement functions and tables that work, nest, fail and look at upvalues.
local function work(n) local s = 0 for i = 1, n do s = s + i end return s end
print((("hello world"):gsub("o", function(c) return c .. work(3) end))) -- expect: hello6 wo6rld
print((("a=1, b=2"):gsub("(%w)=(%w)", function(k, v) work(2) return v .. "=" .. k end)))
-- expect: 1=a, 2=b
print(("abc"):gsub("%w", function(c) if c == "b" then work(2) return nil end return c:upper() end))
-- expect: AbC 3
local lookup = setmetatable({}, {__index = function(_, k) work(2) return k:rep(2) end})
print((("x-y-z"):gsub("%a", lookup))) -- expect: xx-yy-zz
-- gsub inside of gsub, gmatch and format inside of that.
print((("ab cd"):gsub("%a+", function(word)
  return (word:gsub("%a", function(c)
    local s = ""
    for d in (c .. c):gmatch(".") do s = s .. string.format("[%s]", d) end
    return s
  end))
end))) -- expect: [a][a][b][b] [c][c][d][d]
-- Errors in the middle, results of wrong types.
local count = 0
print(pcall(string.gsub, "aaaa", "a", function()
  count = count + 1
  work(2)
  if count == 3 then error("third", 0) end
  return "b"
end)) -- expect: false third
print(count) -- expect: 3
print(pcall(string.gsub, "x", "x", function() work(1) return {} end))
-- expect: false invalid replacement value (a table)
print(pcall(string.gsub, "x", "x", function() work(1) return true end))
-- expect: false invalid replacement value (a boolean)
-- gmatch paused between matches, two at once.
local a, b = ("one two three"):gmatch("%a+"), ("1 2 3"):gmatch("%d")
print(a(), b(), a(), b(), a(), b(), a(), b()) -- expect: one 1 two 2 three 3 nil
local captures = {}
for k, v in ("k1=v1;k2=v2"):gmatch("(%w+)=(%w+)") do
  work(2)
  captures[#captures + 1] = v .. "<-" .. k
end
print(table.concat(captures, " ")) -- expect: v1<-k1 v2<-k2
local pos = {}
for p in ("a.b.c"):gmatch("()%.") do pos[#pos + 1] = p end
print(table.concat(pos, ",")) -- expect: 2,4
