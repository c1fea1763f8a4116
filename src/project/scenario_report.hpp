// The results of scenarios, for people and for programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "project/scenario_run.hpp"

namespace moonlet::project {

enum class ReportFormat : std::uint8_t { Pretty, Tap, Json, JUnit };

struct ReportOptions {
  ReportFormat format = ReportFormat::Pretty;
  bool has_colours = false;
};

std::string report_text(const std::string& project, const std::vector<ScenarioResult>& results,
                        const ReportOptions& options);

// "3 scenarios: 2 passed, 1 failed"
std::string summary_of(const std::vector<ScenarioResult>& results);

}  // namespace moonlet::project
