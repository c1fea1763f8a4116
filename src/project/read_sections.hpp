// The sections of a project file, one reader each. What is wrong goes to the findings behind the
// nodes.
#pragma once

#include "project/project.hpp"

namespace moonlet::project {

void read_host_functions(const Node& section, Project& project);
void read_runtime(const Node& section, Project& project);
void read_state(const Node& section, Project& project);
void read_log(const Node& section, Project& project);
// REQUIRES: handlers and host functions have been read.
void read_scenarios(const Node& section, Project& project);

}  // namespace moonlet::project
