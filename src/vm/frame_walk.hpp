// Walks over the frames of a thread that may be long, in pieces. What has been walked is no part of
// a state: whoever is told that there is more to do (Walked::Again, Refusal::Again) has done
// nothing yet and starts over; the walk goes on if nothing else happened in the Vm, and is done as
// a whole after it was dropped, as growth is (heap/table_growth.hpp).
#pragma once

#include <vector>

#include "vm/debug.hpp"

namespace moonlet::vm {

enum class Walked : std::uint8_t { Found, None, Again };

struct FrameWalk {
  enum class Purpose : std::uint8_t { Level, Traceback, Yield };
  Purpose purpose;
  Thread* thread;
  int number;                    // of the level that is looked for
  const Value* stack = nullptr;  // as it was: it may move
  bool is_at_level = false;
  int passed = 0;  // levels before that one
  Level front = {};
  // Of a traceback:
  int count = 0;
  Level last = {};  // the first of those that end it
  Level line = {};  // the next one to be written
  int written = 0;
  std::string text = {};
  // Of a yield: slot numbers of frames that will be told what was found below them.
  std::vector<std::uint32_t> passed_slots = {};
};

// find_level().
[[nodiscard]] Walked find_level_in_pieces(Vm& vm, Thread& thread, int number, Level& out);
// False: there is more to do.
[[nodiscard]] bool traceback_in_pieces(Vm& vm, Thread& thread, int number, std::string& out);
// May the function on top of the thread yield? None, when there is a native function below that
// waits for a callback, a metamethod, a hook or a finalizer and is none of those that let yields
// through. What is below a frame does not change while it lives, so some frames of a deep stack
// keep the answer (LinkKind::Checked): however often is asked, each frame is looked at once or
// twice.
[[nodiscard]] Walked may_yield(Vm& vm, Thread& thread);
// The host looks at the Vm, or changes it.
void drop_walk(Vm& vm);

}  // namespace moonlet::vm
