// Runs scenarios and says what came otherwise than expected.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "moonlet/moonlet.hpp"
#include "project/project.hpp"

namespace moonlet::project {

struct ScenarioResult {
  std::string name;
  std::string place;                  // in the project file
  std::vector<std::string> failures;  // empty: it passed
  std::vector<std::string> warnings;
  std::string output;  // what the script printed and logged
  Value lines;         // that it came to, if the setting has coverage
  double milliseconds = 0;
  bool passed() const { return failures.empty(); }
};

struct ScenarioOptions {
  bool is_strict = false;  // mocks that are left over are failures
  unsigned threads = 1;
};

// What scenarios run in. The image is the project's.
struct ScenarioSetting {
  const Project& project;
  const Image& image;
  const Value& config;        // layered; scenarios lay theirs over it
  bool has_coverage = false;  // the image is one of compile_for_coverage()
};

[[nodiscard]] ScenarioResult run_scenario(const ScenarioSetting& setting, const Scenario& scenario,
                                          const ScenarioOptions& options);

// Several at once, on `threads` threads. The results are in the order of the scenarios; `done` is
// told how many have ended, one call at a time.
[[nodiscard]] std::vector<ScenarioResult> run_scenarios(
    const ScenarioSetting& setting, const std::vector<const Scenario*>& scenarios,
    const ScenarioOptions& options, const std::function<void(std::size_t)>& done);

}  // namespace moonlet::project
