// Test aid: the program runs again and again, each time with other allocations that fail.
//
// One failing allocation must not be noticed: the Vm collects and goes on. When more of them fail,
// the program may end with "not enough memory", or catch that; what it wrote before the error must
// be what it always writes. The memory of the Vm must be sound at the end of each run, and each run
// must end.
#pragma once

#include "cli/exec_options.hpp"

namespace moonlet::cli {

// Says on standard output what was tried and what is wrong. The exit code: 0 when nothing is.
int sweep(const ExecOptions& options);

}  // namespace moonlet::cli
