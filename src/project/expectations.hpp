// What a scenario expects, against what happened.
#pragma once

#include <string>
#include <vector>

#include "project/mock_host.hpp"
#include "project/session.hpp"

namespace moonlet::project {

// One line for each thing that came otherwise.
std::vector<std::string> unmet(const Expected& expected, const SessionReport& report,
                               const MockHost& host);

}  // namespace moonlet::project
