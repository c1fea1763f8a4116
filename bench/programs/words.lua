-- Counting words and pairs of words in a long text, then a text of one's own from these counts.
--
-- group: hash tables
-- small: 20000

local size = tonumber((...)) or 2000000

local seed = 11
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local first_parts = {"ba", "ko", "li", "ma", "ru", "se", "to", "vi"}
local last_parts = {"n", "ra", "s", "ti", "l", "do"}

-- Short words are frequent, and some words follow others more often.
local function write(n)
  local words = {}
  local previous = 1
  for i = 1, n do
    local choice = random(20)
    local word
    if choice <= 8 then
      word = first_parts[choice]
    elseif choice <= 14 then
      word = first_parts[previous] .. last_parts[choice - 8]
    else
      word = first_parts[random(8)] .. first_parts[random(8)] .. last_parts[random(6)]
    end
    previous = choice % 8 + 1
    words[i] = word
  end
  return words
end

local function count_words(words)
  local counts = {}
  for _, word in ipairs(words) do
    counts[word] = (counts[word] or 0) + 1
  end
  return counts
end

local function count_pairs(words)
  local followers = {}
  for i = 1, #words - 1 do
    local word, follower = words[i], words[i + 1]
    local counts = followers[word]
    if not counts then
      counts = {}
      followers[word] = counts
    end
    counts[follower] = (counts[follower] or 0) + 1
  end
  return followers
end

-- Names in order, so that the result does not depend on how a table is walked.
local function ranking(counts)
  local list = {}
  for word, count in pairs(counts) do
    list[#list + 1] = {word = word, count = count}
  end
  table.sort(list, function(a, b)
    if a.count ~= b.count then
      return a.count > b.count
    end
    return a.word < b.word
  end)
  return list
end

local function most_frequent(counts)
  local best, most = nil, 0
  for word, count in pairs(counts) do
    if count > most or count == most and word < best then
      best, most = word, count
    end
  end
  return best
end

-- Always goes on with the most frequent follower that was not used yet.
local function chain(followers, word)
  local used, length = {}, 0
  while word and not used[word] do
    used[word] = true
    length = length + 1
    word = most_frequent(followers[word] or {})
  end
  return length
end

local function index_by_letter(counts)
  local index = {}
  for word in pairs(counts) do
    local letter = word:sub(1, 1)
    index[letter] = index[letter] or {}
    index[letter][word] = #word
  end
  return index
end

local words = write(size)
local counts = count_words(words)
local followers = count_pairs(words)
local list = ranking(counts)

local total, distinct = 0, 0
for _, entry in ipairs(list) do
  total = total + entry.count
  distinct = distinct + 1
end
assert(total == size, "total")

local pairs_total = 0
for word, others in pairs(followers) do
  local sum = 0
  for _, count in pairs(others) do
    sum = sum + count
  end
  assert(sum == counts[word] or sum == counts[word] - 1 and word == words[#words], "pairs")
  pairs_total = pairs_total + sum
end
assert(pairs_total == size - 1, "pairs")

local letters, names = 0, 0
for letter, group in pairs(index_by_letter(counts)) do
  letters = letters + 1
  for word, length in pairs(group) do
    assert(word:sub(1, 1) == letter and #word == length, "index")
    names = names + 1
  end
end
assert(letters == 8 and names == distinct, "index")

local longest = 0
for i = 1, 8 do
  longest = math.max(longest, chain(followers, first_parts[i]))
end
if size == 2000000 then
  assert(distinct == 440 and list[1].word == "ma" and list[1].count == 100525, "ranks")
  assert(longest == 9, "chain")
end
