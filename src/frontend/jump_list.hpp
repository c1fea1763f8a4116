// Jumps that wait for their target, linked through their own operands: sJ holds the distance back
// to the previous one, 0 at the end.
#pragma once

namespace moonlet::frontend {

struct JumpList {
  int last = -1;  // position of the jump added last

  bool is_empty() const { return last < 0; }
};

}  // namespace moonlet::frontend
