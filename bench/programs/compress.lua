-- Compressing texts by a dictionary of what was seen, by a code of short and long words, and by
-- moving letters to the front.
--
-- group: strings
-- small: 2

local size = tonumber((...)) or 60
local byte, char, sub, concat = string.byte, string.char, string.sub, table.concat

local seed = 77
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local nouns = {"river", "stone", "window", "letter", "garden", "night"}
local verbs = {"holds", "finds", "loses", "answers", "follows"}

local function compose(sentences)
  local text = {}
  for i = 1, sentences do
    text[i] = "The " .. nouns[random(6)] .. " " .. verbs[random(5)] .. " the " .. nouns[random(6)] .. ". "
  end
  return concat(text)
end

-- Lempel, Ziv and Welch: codes for ever longer texts.
local function compress(text)
  local codes, next_code = {}, 256
  for i = 0, 255 do
    codes[char(i)] = i
  end
  local result, current = {}, ""
  for i = 1, #text do
    local longer = current .. sub(text, i, i)
    if codes[longer] then
      current = longer
    else
      result[#result + 1] = codes[current]
      codes[longer] = next_code
      next_code = next_code + 1
      current = sub(text, i, i)
    end
  end
  result[#result + 1] = codes[current]
  return result
end

local function decompress(list)
  local texts = {}
  for i = 0, 255 do
    texts[i] = char(i)
  end
  local previous = texts[list[1]]
  local result = {previous}
  for i = 2, #list do
    local text = texts[list[i]] or previous .. sub(previous, 1, 1)
    result[i] = text
    texts[#texts + 1] = previous .. sub(text, 1, 1)
    previous = text
  end
  return concat(result)
end

-- Huffman's code: the rarest two are put under a common node until one is left.
local function code_words(text)
  local counts = {}
  for letter in text:gmatch(".") do
    counts[letter] = (counts[letter] or 0) + 1
  end
  local nodes = {}
  for letter, count in pairs(counts) do
    nodes[#nodes + 1] = {count = count, letter = letter, first = letter}
  end
  local function is_more_frequent(a, b)
    if a.count ~= b.count then
      return a.count > b.count
    end
    return a.first > b.first
  end
  while #nodes > 1 do
    table.sort(nodes, is_more_frequent)
    local a, b = table.remove(nodes), table.remove(nodes)
    local first = a.first < b.first and a.first or b.first
    nodes[#nodes + 1] = {count = a.count + b.count, left = a, right = b, first = first}
  end

  local words = {}
  local function assign(node, word)
    if node.letter then
      words[node.letter] = word
    else
      assign(node.left, word .. "0")
      assign(node.right, word .. "1")
    end
  end
  assign(nodes[1], "")
  return words, nodes[1]
end

local function write_bits(text, words)
  local bits = text:gsub(".", words)
  return bits
end

local function read_bits(bits, root)
  local letters, node = {}, root
  for i = 1, #bits do
    node = byte(bits, i) == 48 and node.left or node.right
    if node.letter then
      letters[#letters + 1] = node.letter
      node = root
    end
  end
  return concat(letters)
end

-- Each letter becomes its place in a list in which what was used last stands first.
local function move_to_front(text)
  local list, places = {}, {}
  for i = 1, 256 do
    list[i] = i - 1
  end
  for i = 1, #text do
    local c, place = byte(text, i), 1
    while list[place] ~= c do
      place = place + 1
    end
    table.remove(list, place)
    table.insert(list, 1, c)
    places[i] = place
  end
  return places
end

local function move_back(places)
  local list, letters = {}, {}
  for i = 1, 256 do
    list[i] = i - 1
  end
  for i = 1, #places do
    local c = table.remove(list, places[i])
    table.insert(list, 1, c)
    letters[i] = char(c)
  end
  return concat(letters)
end

local codes, bit_count = 0, 0
for _ = 1, size do
  local text = compose(120)
  local list = compress(text)
  assert(#list < #text / 3 and decompress(list) == text, "dictionary")
  codes = codes + #list

  local words, root = code_words(text)
  local bits = write_bits(text, words)
  assert(read_bits(bits, root) == text and #bits < #text * 5, "code words")
  bit_count = bit_count + #bits

  local short = sub(text, 1, 1000)
  assert(move_back(move_to_front(short)) == short, "to the front")
end
if size == 60 then
  assert(codes == 43414 and bit_count == 802490, "lengths")
end
