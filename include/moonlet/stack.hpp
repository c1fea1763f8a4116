// Where a program stands: what Vm::stack() shows of a Vm that does not run, a thawed one for
// example.
#pragma once

#include <string>
#include <vector>

namespace moonlet {

struct StackVariable {
  std::string name;
  std::string text;  // for people: JSON where the value is data, cut where it is long
};

struct StackFrame {
  std::string function;  // "field 'invoke'", "function <order.lua:3>", "main chunk"
  std::string source;    // "order.lua"; "[C]": no script's
  int line = 0;          // 0: unknown
  bool is_tail_called = false;
  int coroutine = 0;  // 0: the one that runs, 1: who resumed it, and so on
  std::vector<StackVariable> locals;
};

}  // namespace moonlet
