-- Tables keep values of all kinds, in arrays and in fields, while the program goes on.
local co = coroutine.create(function() coroutine.yield() end)
local f = function() return "f" end
local inner = {}
local nan, inf = 0/0, math.huge
local list = {1, 1.5, "s", true, false, inner, f, co, print, nan, inf, -0.0, "", math.mininteger}
local fields = {int = 1, float = 1.0, str = "1", yes = true, no = false, tab = inner, fn = f,
                thread = co, builtin = print, notnum = nan, empty = "", minus_zero = -0.0}
for round = 1, 3 do
  local kinds = {}
  for i = 1, #list do kinds[i] = math.type(list[i]) or type(list[i]) end
  if round == 1 then print(table.concat(kinds, " ")) end
  -- expect: integer float string boolean boolean table function thread function float float float string integer
  assert(list[6] == inner and list[7] == f and list[8] == co and list[9] == print)
  assert(list[10] ~= list[10] and list[11] == inf and 1 / list[12] == -inf)
  assert(math.type(fields.int) == "integer" and math.type(fields.float) == "float")
  assert(fields.str == "1" and fields.str ~= fields.int and fields.int == fields.float)
  assert(fields.yes == true and fields.no == false and fields.gone == nil)
  assert(fields.tab == list[6] and fields.fn() == "f" and fields.thread == list[8])
  assert(fields.notnum ~= fields.notnum and 1 / fields.minus_zero == -inf)
end
-- Two values of different type with the same text in one list.
local same = {"1", 1, 1.0, "1.0", "true", true, "nil", "0x1"}
for round = 1, 2 do
  local text = {}
  for i, v in ipairs(same) do
    text[i] = (math.type(v) or type(v)):sub(1, 3) .. ":" .. tostring(v)
  end
  print(table.concat(text, " "))
  -- expect: str:1 int:1 flo:1.0 str:1.0 str:true boo:true str:nil str:0x1
  -- expect: str:1 int:1 flo:1.0 str:1.0 str:true boo:true str:nil str:0x1
end
-- A list that changes its kind: integers, then floats, then anything.
local numbers = {}
for i = 1, 5 do numbers[i] = i end
for i = 6, 8 do numbers[i] = i + 0.5 end
numbers[3] = "three"
numbers[9] = false
local text = {}
for i = 1, #numbers do text[i] = tostring(numbers[i]) end
print(table.concat(text, " ")) -- expect: 1 2 three 4 5 6.5 7.5 8.5 false
local floats = {0.5, 1.5, 2.5}
floats[2] = 2
print(floats[1], floats[2], math.type(floats[2]), floats[3]) -- expect: 0.5 2 integer 2.5
floats[#floats + 1] = 2^53
print(floats[4], #floats) -- expect: 9.007199254741e+15 4
