#include "project/coverage.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

namespace moonlet::project {

namespace {

// Coroutines have hooks of their own, which each sets when it begins.
constexpr const char kText[] = R"(
local debug, coroutine, require, pairs, setmetatable =
      debug, coroutine, require, pairs, setmetatable
local seen = {}

local function note(_, line)
  local source = debug.getinfo(2, "S").source
  local lines = seen[source]
  if not lines then
    lines = {}
    seen[source] = lines
  end
  lines[line] = true
end

local function noted(f)
  return function(...)
    debug.sethook(note, "l")
    return f(...)
  end
end

if coroutine then
  local create, wrap = coroutine.create, coroutine.wrap
  _G.coroutine = setmetatable({
    create = function(f) return create(type(f) == "function" and noted(f) or f) end,
    wrap = function(f) return wrap(type(f) == "function" and noted(f) or f) end,
  }, {__index = coroutine})
end

return {
  run = function(script, entry, input)
    local handler = require(script).handlers[entry]
    debug.sethook(note, "l")
    return handler(input)
  end,
  lines = function()
    debug.sethook()
    local lists = {}
    for source, lines in pairs(seen) do
      local list = {}
      for line in pairs(lines) do list[#list + 1] = line end
      lists[source] = list
    end
    return lists
  end,
}
)";

using Lines = std::set<std::uint32_t>;

// What a scenario noted: file names with "@" in front, lists of lines.
void add_lines(const Value& noted, std::map<std::string, Lines>& to) {
  if (noted.object() == nullptr) return;
  for (const Member& member : *noted.object()) {
    if (member.value.array() == nullptr || !member.name.starts_with("@")) continue;
    Lines& lines = to[member.name.substr(1)];
    for (const Value& line : *member.value.array()) {
      if (line.integer() != nullptr) lines.insert(static_cast<std::uint32_t>(*line.integer()));
    }
  }
}

// "3, 7-9"
std::string ranges(const std::vector<std::uint32_t>& lines, const std::vector<std::uint32_t>& all) {
  std::string text;
  for (std::size_t n = 0; n < lines.size();) {
    // Lines without code between two belong to both.
    auto at = std::find(all.begin(), all.end(), lines[n]);
    std::size_t last = n;
    while (last + 1 < lines.size() && at + 1 != all.end() && at[1] == lines[last + 1]) {
      ++last;
      ++at;
    }
    text += (text.empty() ? "" : ", ") + std::to_string(lines[n]);
    if (last > n) text += "-" + std::to_string(lines[last]);
    n = last + 1;
  }
  return text;
}

std::string row(const std::string& name, std::size_t width, std::size_t covered, std::size_t all) {
  std::string text = "  " + name;
  text.resize(width + 4, ' ');
  const std::size_t percent = all == 0 ? 100 : covered * 100 / all;
  return text + std::to_string(covered) + " of " + std::to_string(all) + " (" +
         std::to_string(percent) + " %)";
}

}  // namespace

Source coverage_source(const std::vector<std::string>& libraries) {
  std::string text = kText;
  const bool has_debug = libraries.empty() ||
                         std::find(libraries.begin(), libraries.end(), "debug") != libraries.end();
  if (!has_debug) text.insert(text.find("\nreturn {"), "\n_G.debug = nil\n");
  return {kCoverageModule, text, kCoverageModule};
}

std::string coverage_text(const std::vector<Source>& sources,
                          const std::vector<ScenarioResult>& results) {
  std::map<std::string, Lines> noted;
  for (const ScenarioResult& result : results) add_lines(result.lines, noted);
  std::size_t width = 5;
  for (const Source& source : sources) width = std::max(width, source.file_name.size());
  std::string text = "covered lines of functions\n";
  std::size_t all = 0;
  std::size_t covered = 0;
  for (const Source& source : sources) {
    const auto lines = lines_with_code(source);
    if (!lines || lines->functions.empty()) continue;
    const Lines& seen = noted[source.file_name];
    std::vector<std::uint32_t> missing;
    for (const std::uint32_t line : lines->functions) {
      if (!seen.contains(line)) missing.push_back(line);
    }
    const std::size_t count = lines->functions.size();
    all += count;
    covered += count - missing.size();
    text += row(source.file_name, width, count - missing.size(), count);
    if (!missing.empty()) text += "  not: " + ranges(missing, lines->functions);
    text += "\n";
  }
  return text + row("total", width, covered, all) + "\n";
}

}  // namespace moonlet::project
