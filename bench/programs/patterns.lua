-- Patterns: taking logs apart, templates, names in other spellings, escapes, and a small tokenizer.
--
-- group: strings
-- small: 100

local size = tonumber((...)) or 4500

local levels = {"debug", "info", "warning", "error"}

local function log_lines(n)
  local lines = {}
  for i = 1, n do
    lines[i] = string.format(
      "2031-%02d-%02d %02d:%02d:%02d [%s] host-%d.example: user=%s id=%d path=/a/%d/b.html%s",
      i % 12 + 1, i % 28 + 1, i % 24, i % 60, (7 * i) % 60, levels[i % 4 + 1], i % 9,
      "name" .. i % 13, i, i % 5, i % 3 == 0 and "?x=1&y=%20z" or "")
  end
  return table.concat(lines, "\n") .. "\n"
end

local log_pattern = "^(%d+)-(%d+)-(%d+) (%d+):(%d+):(%d+) %[(%a+)%] ([%w.-]+): (.*)$"

local function parse_log(text)
  local counts, last, seconds = {}, nil, 0
  for line in text:gmatch("([^\n]*)\n") do
    local year, month, _, hour, minute, second, level, host, rest = line:match(log_pattern)
    assert(year == "2031" and tonumber(month) <= 12 and host:find("example", 1, true), "line")
    counts[level] = (counts[level] or 0) + 1
    seconds = seconds + hour * 3600 + minute * 60 + second
    last = {}
    for name, value in rest:gmatch("(%w+)=(%S+)") do
      last[name] = value
    end
  end
  return counts, last, seconds
end

local function fill_template(template, values)
  return (template:gsub("{{%s*([%w_.]+)%s*}}", function(path)
    local value = values
    for name in path:gmatch("[^.]+") do
      value = value and value[name]
    end
    return value ~= nil and tostring(value) or nil
  end))
end

local function camel_case(name)
  return (name:gsub("_(%l)", string.upper))
end

local function snake_case(name)
  return (name:gsub("%u", function(letter)
    return "_" .. letter:lower()
  end))
end

local function trim(text)
  return text:match("^%s*(.-)%s*$")
end

local entities = {["<"] = "&lt;", [">"] = "&gt;", ["&"] = "&amp;", ['"'] = "&quot;"}
local characters = {}
for character, entity in pairs(entities) do
  characters[entity] = character
end

local function escape(text)
  return (text:gsub('[<>&"]', entities))
end

local function unescape(text)
  return (text:gsub("&%a+;", characters))
end

local function percent_encode(text)
  return (text:gsub("[^%w]", function(c)
    return string.format("%%%02X", c:byte())
  end))
end

local function percent_decode(text)
  return (text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

local token_patterns = {
  {"space", "^%s+"},
  {"number", "^%d+%.?%d*"},
  {"name", "^[%a_][%w_]*"},
  {"text", '^"[^"]*"'},
  {"sign", "^[-+*/=<>(),;]"},
}

local function tokenize(source)
  local tokens, position = {}, 1
  while position <= #source do
    local found
    for _, pattern in ipairs(token_patterns) do
      local first, last = source:find(pattern[2], position)
      if first then
        if pattern[1] ~= "space" then
          tokens[#tokens + 1] = source:sub(first, last)
        end
        position, found = last + 1, true
        break
      end
    end
    assert(found, "no token")
  end
  return tokens
end

-- Parentheses that belong together, outermost first.
local function groups(text)
  local list = {}
  for group in text:gmatch("%b()") do
    list[#list + 1] = group
    for _, inner in ipairs(groups(group:sub(2, -2))) do
      list[#list + 1] = inner
    end
  end
  return list
end

local template = "Dear {{ name }}, your order {{order.id}} of {{ order.items }} is {{state}}. {{none}}"
local source = 'total = price * (1 + tax) - discount; print("sum", total, 12.5)'

for i = 1, size do
  local counts, last, seconds = parse_log(log_lines(20))
  assert(counts.debug == 5 and counts.error == 5 and last.id == "20" and last.user == "name7", "log")
  assert(seconds == 210 * 3600 + 210 * 60 + 570, "time")

  local letter = fill_template(template, {name = "Ida", order = {id = i, items = 3}, state = "sent"})
  assert(letter == "Dear Ida, your order " .. i .. " of 3 is sent. {{none}}", "template")

  local name = "some_long_name_of_field"
  assert(camel_case(name) == "someLongNameOfField" and snake_case(camel_case(name)) == name, "names")
  assert(trim("  \t both sides \n") == "both sides", "trim")

  local markup = '<a href="x?p=' .. i .. '&q=2">"text" & more</a>'
  assert(unescape(escape(markup)) == markup and not escape(markup):find('[<>"]'), "entities")
  assert(percent_decode(percent_encode(markup)) == markup, "percent")

  local tokens = tokenize(source)
  assert(#tokens == 20 and tokens[3] == "price" and tokens[20] == ")", "tokens")
  assert(table.concat(tokens):gsub("%s", "") == source:gsub("%s", ""), "tokens")

  local nested = groups("(a (b) c (d (e))) (f)")
  assert(#nested == 5 and nested[4] == "(e)" and nested[5] == "(f)", "groups")
  assert(("THE (quick) fox"):find("%((%a+)%)") == 5, "find")
  assert(("one;two;;four"):gsub(";;", ";nil;") == "one;two;nil;four", "plain")
end
