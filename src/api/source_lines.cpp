#include "moonlet/source_lines.hpp"

#include <algorithm>

#include "api/engine.hpp"

namespace moonlet {

namespace {

void add_lines(const bytecode::Function& function, std::vector<std::uint32_t>& to) {
  // The last instruction returns from a function that has not returned.
  for (std::size_t at = 0; at + 1 < function.lines.size(); ++at) {
    if (function.lines[at] > 0) to.push_back(static_cast<std::uint32_t>(function.lines[at]));
  }
}

void sort_lines(std::vector<std::uint32_t>& lines) {
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
}

}  // namespace

std::expected<SourceLines, std::string> lines_with_code(const Source& source, Dialect dialect) {
  const auto chunk = api::compile_source(api::vm_dialect(dialect), source);
  if (!chunk) return std::unexpected(chunk.error());
  SourceLines lines;
  for (std::size_t n = 0; n < chunk->functions.size(); ++n) {
    add_lines(chunk->functions[n], n == 0 ? lines.main_chunk : lines.functions);
  }
  sort_lines(lines.main_chunk);
  sort_lines(lines.functions);
  return lines;
}

}  // namespace moonlet
