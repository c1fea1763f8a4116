// Which lines of the scripts' functions scenarios come to. A module that is run before the scripts
// notes them by line hooks, in variables of its own, so that they survive freezing.
#pragma once

#include <string>
#include <vector>

#include "moonlet/moonlet.hpp"
#include "project/scenario_run.hpp"

namespace moonlet::project {

inline constexpr const char* kCoverageModule = "(coverage)";

// The module. Its `run` calls a handler, its `lines` tells what was noted. `libraries` are those of
// the project: what it does not have, scripts do not see.
Source coverage_source(const std::vector<std::string>& libraries);

// A line for each file, and one for all.
std::string coverage_text(const std::vector<Source>& sources,
                          const std::vector<ScenarioResult>& results);

}  // namespace moonlet::project
