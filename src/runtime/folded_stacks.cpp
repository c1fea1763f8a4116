#include "runtime/folded_stacks.hpp"

namespace moonlet::runtime {

namespace {

// Semicolons separate functions, blanks the count.
std::string frame_name(const StackFrame& frame) {
  std::string name = frame.function;
  if (frame.line > 0) name += " " + frame.source;
  for (char& c : name) {
    if (c == ';' || c == '\n') c = ',';
  }
  return name;
}

}  // namespace

void FoldedStacks::add(const std::vector<StackFrame>& stack) {
  if (stack.empty()) return;
  std::string line;
  for (auto frame = stack.rbegin(); frame != stack.rend(); ++frame) {
    if (!line.empty()) line += ';';
    line += frame_name(*frame);
  }
  ++counts_[std::move(line)];
}

std::string FoldedStacks::text() const {
  std::string text;
  for (const auto& [stack, count] : counts_) text += stack + " " + std::to_string(count) + "\n";
  return text;
}

}  // namespace moonlet::runtime
