-- An error in __close replaces the one under way; the next variable sees it.
local function closing(name, failing)
  return setmetatable({}, {__close = function(_, err)
    print(name, err)
    if failing then error(name .. " failed", 0) end
  end})
end

print(pcall(function()
  local a <close> = closing("a")
  local b <close> = closing("b", true)
  local c <close> = closing("c")
  error("body failed", 0)
end))
-- expect: c body failed
-- expect: b body failed
-- expect: a b failed
-- expect: false b failed

print(pcall(function()
  local a <close> = closing("x")
  local b <close> = closing("y", true)
  return "never seen"
end))
-- expect: y nil
-- expect: x y failed
-- expect: false y failed

-- Error objects stay what they are.
local object = {}
local ok, err = pcall(function()
  local a <close> = setmetatable({}, {__close = function(_, e) assert(e == object) end})
  error(object)
end)
print(ok, err == object) -- expect: false true

-- What cannot be closed is refused at the declaration.
print(select(2, pcall(function()
  local bad <close> = {}
end)):match(": (.*)")) -- expect: variable 'bad' got a non-closable value
print(select(2, pcall(function()
  local good <close> = setmetatable({}, {__close = function() print("closed as well") end})
  local number <close> = 42
end)):match(": (.*)"))
-- expect: closed as well
-- expect: variable 'number' got a non-closable value
-- A metamethod that is removed before the end is an error at the end.
local value = setmetatable({}, {__close = print})
print(select(2, pcall(function()
  local v <close> = value
  getmetatable(value).__close = nil
end)):match(": (.*)")) -- expect: attempt to call a nil value (metamethod 'close')
