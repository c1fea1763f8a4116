-- Sources that nest too deep or are too large in some way are refused with a message.
local function try(source)
  local f, message = load(source, "=s")
  if f then return "fine" end
  return message:match("overflow") or message:match("too many") or message
end
print(try("return " .. ("("):rep(100) .. "1" .. (")"):rep(100))) -- expect: fine
print(try("return " .. ("("):rep(10000))) -- expect: overflow
print(try("x = " .. ("{"):rep(10000))) -- expect: overflow
print(try(("do "):rep(100) .. ("end "):rep(100))) -- expect: fine
print(try(("do "):rep(1000) .. ("end "):rep(1000))) -- expect: overflow
print(try(("while x do "):rep(1000)), try(("if x then "):rep(1000))) -- expect: overflow overflow
print(try(("function f() "):rep(1000)), try("x = " .. ("function() return "):rep(1000)))
-- expect: overflow overflow
print(try("return " .. ("not "):rep(150) .. "1"), try("return " .. ("not "):rep(1000) .. "1"))
-- expect: fine overflow
print(try("return a" .. ("[1]"):rep(3000)), try("return 1" .. (" + 1"):rep(3000)))
-- expect: fine fine
print(try("return 1" .. (" .. 1"):rep(1000)), try("return 2" .. (" ^ 2"):rep(1000)))
-- expect: overflow overflow
print(try("local " .. ("a,"):rep(300) .. "a"), try(("local a = 1; "):rep(250)))
-- expect: too many too many
print(try(("local a = 1; "):rep(190)), try(("do local a = 1 end "):rep(1000))) -- expect: fine fine
print(try("return {" .. ("1,"):rep(3000) .. "}"), try("return f(" .. ("1,"):rep(300) .. "1)"))
-- expect: fine too many
print(try("a" .. (".b"):rep(2000) .. " = 1"), try(("a,"):rep(300) .. "a = 1"))
-- expect: fine overflow
print(try(("goto x; "):rep(100) .. "::x::"), try("x = '" .. ("\\n"):rep(5000) .. "'"))
-- expect: fine fine
-- Long jumps: a loop over many statements.
local body = ("n = n + 1 "):rep(3000)
local f = load("local n = ... for i = 1, 2 do " .. body .. " end if n > 0 then " .. body ..
  " end return n")
print(f(0)) -- expect: 9000
