-- A class hierarchy three levels deep, with methods that are inherited, overridden and called
-- through super classes, over a mixed population.
--
-- group: methods
-- small: 10

local size = tonumber((...)) or 400

local Class = {}

-- A class is a table that its instances look methods up in, and whose own lookups go to its parent.
function Class.new(parent)
  local class = {}
  class.__index = class
  class.super = parent
  return setmetatable(class, {
    __index = parent,
    __call = function(self, ...)
      local instance = setmetatable({}, self)
      instance:initialize(...)
      return instance
    end,
  })
end

local Animal = Class.new()

function Animal:initialize(name, weight)
  self.name = name
  self.weight = weight
  self.food = 10
  self.age = 0
  self.x = 0
  self.alive = true
end

function Animal:appetite()
  return 1
end

function Animal:speed()
  return 1
end

function Animal:eat(amount)
  self.food = self.food + amount
  return self
end

function Animal:move(direction)
  self.x = self.x + direction * self:speed()
end

function Animal:live()
  self.age = self.age + 1
  self.food = self.food - self:appetite()
  if self.food < 0 then
    self:starve()
  end
end

function Animal:starve()
  self.alive = false
end

function Animal:is_hungry()
  return self.alive and self.food < 5
end

local Bird = Class.new(Animal)

function Bird:initialize(name, weight, wing_span)
  Animal.initialize(self, name, weight)
  self.wing_span = wing_span
  self.height = 0
end

function Bird:speed()
  return 3
end

function Bird:move(direction)
  self.height = (self.height + self.wing_span) % 10
  Animal.move(self, direction)
end

local Penguin = Class.new(Bird)

function Penguin:speed()
  return self.super.super.speed(self)
end

function Penguin:appetite()
  return 2
end

local Mammal = Class.new(Animal)

function Mammal:initialize(name, weight)
  Animal.initialize(self, name, weight)
  self.fat = weight / 10
end

function Mammal:starve()
  if self.fat > 0 then
    self.fat = self.fat - 1
    self.food = self.food + 4
  else
    Animal.starve(self)
  end
end

local Bat = Class.new(Mammal)

function Bat:speed()
  return 2
end

local Bear = Class.new(Mammal)

function Bear:appetite()
  return self.age % 12 < 4 and 0 or 3
end

local Keeper = Class.new()

function Keeper:initialize(charges)
  self.charges = charges
  self.meals = 0
end

function Keeper:feed(generosity)
  local meals = 0
  for _, animal in ipairs(self.charges) do
    if animal:is_hungry() and meals < generosity then
      animal:eat(6)
      meals = meals + 1
    end
  end
  self.meals = self.meals + meals
end

local function populate(n)
  local animals = {}
  for i = 1, n do
    local kind = i % 5
    if kind == 0 then
      animals[i] = Bird("bird", 1, 2)
    elseif kind == 1 then
      animals[i] = Penguin("penguin", 20, 1)
    elseif kind == 2 then
      animals[i] = Bat("bat", 1)
    elseif kind == 3 then
      animals[i] = Bear("bear", 200)
    else
      animals[i] = Animal("snail", 1)
    end
  end
  return animals
end

local function season(days, generosity)
  local animals = populate(50)
  local keeper = Keeper(animals)
  for day = 1, days do
    for i = 1, #animals do
      local animal = animals[i]
      if animal.alive then
        animal:live()
        animal:move(day % 3 - 1)
      end
    end
    keeper:feed(generosity)
  end

  local living, position, height, ages = 0, 0, 0, 0
  for _, animal in ipairs(animals) do
    living = living + (animal.alive and 1 or 0)
    position = position + animal.x
    ages = ages + animal.age
    height = height + (animal.height or 0)
  end
  return living, position, height, ages, keeper.meals
end

for _ = 1, size do
  local living, position, height, ages, meals = season(100, 9)
  assert(living == 34 and ages == 3967 and meals == 802, "lives")
  assert(position == 16 and height == 42, "places")
end
