-- Classes with inheritance, super calls, and operators.
local function class(parent)
  local c = {}
  c.__index = c
  if parent then
    for k, v in pairs(parent) do
      if k:match("^__") and k ~= "__index" then c[k] = v end
    end
    setmetatable(c, {__index = parent, __call = getmetatable(parent).__call})
  else
    setmetatable(c, {__call = function(cls, ...)
      local o = setmetatable({}, cls)
      if cls.init then o:init(...) end
      return o
    end})
  end
  return c
end

local Shape = class()
function Shape:init(name) self.name = name end
function Shape:area() return 0 end
function Shape:describe() return self.name .. " of area " .. self:area() end
Shape.__tostring = function(self) return "<" .. self.name .. ">" end
Shape.__eq = function(a, b) return a:area() == b:area() end
Shape.__lt = function(a, b) return a:area() < b:area() end

local Rect = class(Shape)
function Rect:init(w, h) Shape.init(self, "rect"); self.w, self.h = w, h end
function Rect:area() return self.w * self.h end

local Square = class(Rect)
function Square:init(side) Rect.init(self, side, side); self.name = "square" end
function Square:describe() return "a " .. Rect.describe(self) end

local r, s = Rect(2, 8), Square(4)
print(r:describe()) -- expect: rect of area 16
print(s:describe()) -- expect: a square of area 16
print(tostring(r), tostring(s), r == s, r < s, Rect(1, 1) < s)
-- expect: <rect> <square> true false true
print(Square.area == Rect.area, rawget(Square, "area"), Shape("plain"):area()) -- expect: true nil 0
local shapes = {Square(3), Rect(1, 2), Square(2)}
table.sort(shapes)
for _, shape in ipairs(shapes) do io.write(tostring(shape), shape:area(), " ") end
print() -- expect: <rect>2 <square>4 <square>9
-- Changing the base class is seen by existing objects.
function Shape:extra() return "extra " .. self.name end
print(s:extra()) -- expect: extra square
Rect.area = function(self) return -1 end
print(s:area(), r:describe()) -- expect: -1 rect of area -1
