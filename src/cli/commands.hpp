// The commands of the program that rows.hpp does not have. Each takes the whole command line and
// answers the exit code.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace moonlet::cli {

// `first` is where the command's own words begin.
int exec_command(const std::vector<std::string>& words, std::size_t first);
// As one of the processes that a program goes through; see exec_trips.hpp.
int exec_in_next_process(const std::vector<std::string>& words, std::size_t first);

}  // namespace moonlet::cli
