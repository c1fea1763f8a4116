// Samples of where programs are, as flame graphs are made of.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "moonlet/stack.hpp"

namespace moonlet::runtime {

class FoldedStacks {
 public:
  // What Vm::stack() answered, innermost function first.
  void add(const std::vector<StackFrame>& stack);
  // "outer;inner COUNT" a line, sorted.
  std::string text() const;
  void clear() { counts_.clear(); }

 private:
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace moonlet::runtime
