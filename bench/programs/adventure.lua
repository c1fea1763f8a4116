-- A text adventure: rooms and things as tables, a parser for commands, doors and lamps as state
-- machines, and players who try what comes to their minds.
--
-- group: programs
-- small: 10

local size = tonumber((...)) or 750

local function make_world()
  local rooms = {
    cellar = {title = "Cellar", dark = true, exits = {up = "kitchen", east = "vault"}},
    kitchen = {title = "Kitchen", exits = {down = "cellar", north = "garden", west = "study"}},
    study = {title = "Study", exits = {east = "kitchen"}},
    garden = {title = "Garden", exits = {south = "kitchen", east = "shed"}},
    shed = {title = "Shed", exits = {west = "garden"}},
    vault = {title = "Vault", dark = true, exits = {west = "cellar"}},
  }
  local things = {
    lamp = {place = "study", state = "empty"},
    oil = {place = "shed"},
    key = {place = "garden", hidden = true},
    spade = {place = "shed"},
    bread = {place = "kitchen"},
    crown = {place = "vault", points = 50},
    painting = {place = "study", points = 10, fixed = true},
    door = {place = "cellar", state = "locked", fixed = true},
  }
  return {
    rooms = rooms, things = things, here = "kitchen", turns = 0, points = 0, log = {}, visited = {}, over = false,
  }
end

local World = {}
World.__index = World

function World:say(text, ...)
  self.log[#self.log + 1] = string.format(text, ...)
end

function World:is_lit()
  local room = self.rooms[self.here]
  local lamp = self.things.lamp
  return not room.dark or lamp.state == "lit" and (lamp.place == "player" or lamp.place == self.here)
end

-- The thing of that name when it is within reach.
function World:find(name)
  local thing = self.things[name]
  if thing and not thing.hidden and (thing.place == "player" or thing.place == self.here and self:is_lit()) then
    return thing
  end
end

function World:has(name)
  return self.things[name].place == "player"
end

local thing_names = {"bread", "crown", "door", "key", "lamp", "oil", "painting", "spade"}

function World:describe()
  local room = self.rooms[self.here]
  if not self:is_lit() then
    self:say("It is too dark to see.")
    return
  end
  if not self.visited[self.here] then
    self.visited[self.here] = true
    self.points = self.points + 5
  end
  local names = {}
  for _, name in ipairs(thing_names) do
    local thing = self.things[name]
    if thing.place == self.here and not thing.hidden then
      names[#names + 1] = name
    end
  end
  self:say("%s. You see %s.", room.title, #names > 0 and table.concat(names, ", ") or "nothing")
end

local verbs = {}

function verbs.go(world, direction)
  local target = world.rooms[world.here].exits[direction]
  if not target then
    world:say("There is no way %s.", direction or "there")
  elseif target == "vault" and world.things.door.state ~= "open" then
    world:say("The door is %s.", world.things.door.state)
  else
    world.here = target
    world:describe()
  end
end

function verbs.take(world, name)
  local thing = world:find(name)
  if not thing then
    world:say("You cannot see any %s.", name or "such thing")
  elseif thing.fixed then
    world:say("The %s does not move.", name)
  elseif thing.place == "player" then
    world:say("You have the %s already.", name)
  else
    thing.place = "player"
    world.points = world.points + (thing.points or 0)
    world:say("Taken: %s.", name)
  end
end

function verbs.drop(world, name)
  local thing = world:find(name)
  if thing and thing.place == "player" then
    thing.place = world.here
    world.points = world.points - (thing.points or 0)
    world:say("Dropped: %s.", name)
  else
    world:say("You do not have that.")
  end
end

function verbs.dig(world)
  if not world:has("spade") then
    world:say("With your hands?")
  elseif world.here == "garden" and world.things.key.hidden then
    world.things.key.hidden = false
    world:say("Something glitters.")
  else
    world:say("You dig, and find nothing.")
  end
end

-- What can be done with things that have states: state, verb, needed thing, next state.
local transitions = {
  lamp = {
    empty = {fill = {"oil", "full"}},
    full = {light = {nil, "lit"}},
    lit = {snuff = {nil, "full"}},
  },
  door = {
    locked = {unlock = {"key", "closed"}},
    closed = {open = {nil, "open"}, lock = {"key", "locked"}},
    open = {close = {nil, "closed"}},
  },
}

local function change(verb)
  return function(world, name)
    local thing = name and world:find(name)
    local states = name and transitions[name]
    -- A door can be felt in the dark.
    if name == "door" and world.here == "cellar" then
      thing = world.things.door
    end
    if not thing or not states then
      world:say("You cannot %s that.", verb)
      return
    end
    local transition = states[thing.state][verb]
    if not transition then
      world:say("The %s is %s.", name, thing.state)
    elseif transition[1] and not world:has(transition[1]) then
      world:say("You need something for that.")
    else
      thing.state = transition[2]
      world:say("The %s is now %s.", name, thing.state)
    end
  end
end

for _, verb in ipairs({"fill", "light", "snuff", "unlock", "open", "lock", "close"}) do
  verbs[verb] = change(verb)
end

function verbs.eat(world, name)
  if name == "bread" and world:find("bread") then
    world.things.bread.place = "nowhere"
    world.points = world.points + 1
    world:say("Delicious.")
  else
    world:say("That is not to be eaten.")
  end
end

function verbs.look(world)
  world:describe()
end

function verbs.finish(world)
  world.over = world:has("crown") and world.here == "garden"
  world:say(world.over and "You are free, and rich." or "Not yet.")
end

local synonyms = {get = "take", grab = "take", walk = "go", l = "look", put = "drop"}
local directions = {n = "north", s = "south", e = "east", w = "west", u = "up", d = "down"}
local ignored = {the = true, a = true, an = true, with = true, to = true, at = true}

function World:execute(line)
  local words = {}
  for word in line:lower():gmatch("%a+") do
    if not ignored[word] then
      words[#words + 1] = directions[word] or word
    end
  end
  local verb, object = words[1], words[2]
  verb = synonyms[verb] or verb
  if not object and self.rooms[self.here].exits[verb] then
    verb, object = "go", verb
  end
  self.turns = self.turns + 1
  local action = verbs[verb]
  if action then
    action(self, object)
  else
    self:say("I do not know how to %s.", tostring(verb))
  end
end

local solution = {
  "look", "get the bread", "eat bread", "w", "take the lamp", "take painting", "east", "n", "walk east", "take oil",
  "grab the spade", "w", "dig", "take key", "fill the lamp with oil", "light lamp", "south", "down", "unlock the door",
  "e", "open door", "e", "take the crown", "west", "up", "north", "finish",
}

local function play_solution()
  local world = setmetatable(make_world(), World)
  for _, line in ipairs(solution) do
    assert(not world.over, "too early")
    world:execute(line)
  end
  assert(world.over and world.points == 6 * 5 + 1 + 50 and world.turns == #solution, "solution")
  assert(#world.log == #solution and world.log[#world.log] == "You are free, and rich.", "log")
  return #table.concat(world.log, "\n")
end

local first_words = {
  "go north", "s", "east", "w", "up", "d", "take lamp", "take the key", "get oil", "take spade", "dig", "fill lamp",
  "light the lamp", "unlock door", "open the door", "take crown", "drop lamp", "eat the bread", "look", "jump", "finish",
}

local seed = 1
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local function play_at_random(turns)
  local world = setmetatable(make_world(), World)
  local unknown = 0
  for _ = 1, turns do
    world:execute(first_words[random(#first_words)])
    if world.over then
      break
    end
    if world.log[#world.log]:find("I do not know", 1, true) then
      unknown = unknown + 1
    end
  end
  for _, name in ipairs(thing_names) do
    local place = world.things[name].place
    assert(place == "player" or place == "nowhere" or world.rooms[place], "place")
  end
  return world.over, unknown, world.points
end

local won, unknown, points = 0, 0, 0
for _ = 1, size do
  assert(play_solution() == 570, "length of the log")
  local over, jumps, score = play_at_random(500)
  won = won + (over and 1 or 0)
  unknown, points = unknown + jumps, points + score
  assert(score <= 91, "points")
end
if size == 750 then
  assert(won == 0 and unknown == 78808 and points == 16600, "scores")
end
