-- A hundred calls at the same time. A process that ends in the middle loses nothing that has been
-- answered: the answers are in the program's own table, and only the rest is asked for again.

local function measure(input)
  local calls = {}
  for page = 1, input.pages do calls[page] = {"count_words", {page = page}} end
  local result = {pages = 0, words = 0, failed = {}}
  for page, answer in ipairs(sys.settle(calls)) do
    if answer.ok then
      result.pages = result.pages + 1
      result.words = result.words + answer.value
    else
      sys.log("warn", "page", page, answer.error)
      table.insert(result.failed, page)
    end
  end
  return result
end

local function fastest()
  local text, mirror = sys.race{mirror_a = {"mirror_a"}, mirror_b = {"mirror_b"}}
  return {from = mirror, text = text}
end

return {handlers = {measure = sys.export(measure), fastest = sys.export(fastest)}}
