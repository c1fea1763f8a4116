// A program of `moonlet exec` from its start, or from a trip, to its end or the next trip.
#pragma once

#include "cli/exec_options.hpp"
#include "cli/exec_trips.hpp"

namespace moonlet::cli {

// The exit code.
int run_session(const ExecOptions& options);
// As one of several processes: goes on with what the one before left, which is replaced by what the
// next one needs.
void run_session(const ExecOptions& options, Luggage& luggage);

}  // namespace moonlet::cli
