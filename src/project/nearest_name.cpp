#include "project/nearest_name.hpp"

#include <algorithm>
#include <cctype>

namespace moonlet::project {

namespace {

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Insertions, deletions, replacements and swaps of neighbours that lead from a to b.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t n = 0; n <= b.size(); ++n) row[n] = n;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool is_same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (is_same ? 0 : 1)});
      const bool is_swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                              lower(a[i - 2]) == lower(b[j - 1]);
      if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

constexpr std::size_t kComparedBytesMax = 64;
constexpr std::size_t kListedMax = 12;

}  // namespace

std::string nearest_name(std::string_view wrong, const std::vector<std::string>& names) {
  std::string best;
  std::size_t fewest = SIZE_MAX;
  if (wrong.empty() || wrong.size() > kComparedBytesMax) return best;
  for (const std::string& name : names) {
    if (name.size() > kComparedBytesMax) continue;
    const std::size_t changes = distance(wrong, name);
    const std::size_t most = std::max<std::size_t>(1, name.size() / 3);
    if (changes >= fewest || changes > most || changes >= name.size()) continue;
    fewest = changes;
    best = name;
  }
  return best;
}

// As it is, or in quotes where it would not be seen to be one.
std::string shown_name(const std::string& name) {
  return name.find(' ') != std::string::npos ? "\"" + name + "\"" : name;
}

std::string hint_for(std::string_view wrong, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  if (const std::string near = nearest_name(wrong, names); !near.empty()) {
    return "; did you mean " + shown_name(near) + "?";
  }
  std::string text = names.size() == 1 ? "; there is only" : "; there are";
  for (std::size_t n = 0; n < std::min(names.size(), kListedMax); ++n)
    text += " " + shown_name(names[n]);
  if (names.size() > kListedMax)
    text += " and " + std::to_string(names.size() - kListedMax) + " more";
  return text;
}

}  // namespace moonlet::project
