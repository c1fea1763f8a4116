#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <thread>

#include "base/os/file.hpp"
#include "base/os/process.hpp"
#include "base/os/terminal.hpp"
#include "cli/project_run.hpp"
#include "cli/rows.hpp"
#include "project/config.hpp"
#include "project/coverage.hpp"
#include "project/glob.hpp"
#include "project/nearest_name.hpp"
#include "project/scenario_report.hpp"

namespace moonlet::cli {

namespace os = base::os;

namespace {

constexpr char kAbout[] =
    "Runs the scenarios of a project. Calls are answered by their mocks: no program is started, "
    "no\n"
    "request is sent, and the clock stands still but for the delays of mocks.\n"
    "\n"
    "Exit codes: 0 all passed; 1 some failed; 2 the request or the project is wrong.";

constexpr PlainWord kWords[] = {{"PROJECT", WordKind::Project}};

// In the order of ReportFormat.
constexpr std::string_view kFormats = "pretty tap json junit";

constexpr OptionRow kOptions[] = {
    {"--scenario", "GLOB", "only those whose names match; * is anything, ? one character",
     WordKind::Scenario},
    {"--format", "FORMAT", "pretty, tap, json or junit", WordKind::Text, kFormats},
    {"--coverage", "", "which lines of the scripts' functions no scenario came to"},
    {"--strict", "", "mocks that are left over are failures, not warnings"},
    {"--jobs", "N", "so many at once; by default one for each processor", WordKind::Count},
    kOverlayOption,
    kSetOption,
};

std::vector<const project::Scenario*> chosen(const project::Project& project,
                                             const std::string& glob) {
  std::vector<const project::Scenario*> list;
  for (const project::Scenario& scenario : project.scenarios) {
    if (project::matches_glob(glob, scenario.name)) list.push_back(&scenario);
  }
  return list;
}

std::string nothing_chosen(const project::Project& project, const std::string& glob) {
  if (project.scenarios.empty()) return project.path() + " has no \"scenarios\"";
  std::vector<std::string> names;
  for (const project::Scenario& scenario : project.scenarios) names.push_back(scenario.name);
  return "no scenario matches \"" + glob + "\"" + project::hint_for(glob, names);
}

// How far it is, on a line of its own that the report overwrites.
void show_progress(std::size_t done, std::size_t all) {
  constexpr std::size_t kFew = 20;
  if (all < kFew || !os::is_terminal(os::kStandardError)) return;
  std::fprintf(stderr, "\r%zu of %zu%s", done, all, done == all ? "\r\x1b[K" : "");
}

// All that decides how the scenario ends. A list of cases is one part of the file.
std::string dependencies_of(const project::Project& project, const Image& image,
                            const Value& config, const project::Scenario& scenario) {
  const Value& root = project.document.root;
  std::string text = image.hash() + to_json(config).value_or("");
  for (const char* member : {"handlers", "hostFunctions", "runtime"}) {
    const Value* found = root.find(member);
    if (found != nullptr) text += to_json(*found).value_or("");
  }
  const Value* all = root.find("scenarios");
  const Value* own = all != nullptr ? all->find(scenario.name) : nullptr;
  if (all != nullptr && own == nullptr) {
    own = all->find(scenario.name.substr(0, scenario.name.find(" [")));
  }
  // One that is not found again is run each time.
  return own != nullptr ? text + to_json(*own).value_or("") : std::string();
}

// Takes out what has passed and would pass again. How many those are.
std::size_t leave_out(std::vector<const project::Scenario*>& scenarios,
                      const std::map<std::string, std::string>& now,
                      const PassedScenarios& passed) {
  return std::erase_if(scenarios, [&](const project::Scenario* scenario) {
    const auto found = passed.find(scenario->name);
    const std::string& dependencies = now.at(scenario->name);
    return found != passed.end() && !dependencies.empty() && found->second == dependencies;
  });
}

int run(const Arguments& arguments) { return run_tests(arguments); }

}  // namespace

const CommandRow kTestRow = {"test",   "", "run the scenarios of a project", kAbout, kWords,
                             kOptions, run};

int run_tests(const Arguments& arguments) {
  PassedScenarios none;
  return run_affected_tests(arguments, none);
}

int run_affected_tests(const Arguments& arguments, PassedScenarios& passed) {
  const std::string format = arguments.value("--format").value_or("pretty");
  auto project = open_project(arguments.words[0]);
  if (!project) return refuse(project.error());
  auto config = project::layered_config(
      *project, {arguments.values("--config-overlay"), arguments.values("--set")});
  if (!config) return refuse(config.error());
  const std::string glob = arguments.value("--scenario").value_or("*");
  auto scenarios = chosen(*project, glob);
  if (scenarios.empty()) return refuse(nothing_chosen(*project, glob));
  auto engine = shared_engine();
  if (!engine) return refuse(engine.error());
  const bool has_coverage = arguments.has("--coverage");
  std::vector<Source> sources;
  auto image = has_coverage
                   ? project::compile_for_coverage(*engine, *project, shared_host(), sources)
                   : project::compile_project(*engine, *project, shared_host());
  if (!image) return refuse(image.error());

  std::map<std::string, std::string> now;
  for (const project::Scenario* scenario : scenarios) {
    now[scenario->name] = dependencies_of(*project, *image, *config, *scenario);
  }
  if (const std::size_t count = leave_out(scenarios, now, passed); count > 0) {
    std::fprintf(stderr, "moonlet: %zu scenario%s not affected\n", count, count == 1 ? "" : "s");
    if (scenarios.empty()) return kDone;
  }

  project::ScenarioOptions options;
  options.is_strict = arguments.has("--strict");
  options.threads = static_cast<unsigned>(
      number_of(arguments, "--jobs").value_or(std::max(1u, std::thread::hardware_concurrency())));
  const auto results =
      project::run_scenarios({*project, *image, *config, has_coverage}, scenarios, options,
                             [&](std::size_t done) { show_progress(done, scenarios.size()); });
  project::ReportOptions report;
  const std::vector<std::string> formats = choices_of(kFormats);
  report.format = static_cast<project::ReportFormat>(
      std::find(formats.begin(), formats.end(), format) - formats.begin());
  report.has_colours =
      os::is_terminal(os::kStandardOutput) && !os::environment_variable("NO_COLOR");
  const std::string text = project::report_text(project->path(), results, report);
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    return refuse("cannot write the report: " + os::error_text(errno));
  }
  if (has_coverage) {
    // Reports for programs stay what they are.
    std::FILE* to = report.format == project::ReportFormat::Pretty ? stdout : stderr;
    std::fputs(project::coverage_text(sources, results).c_str(), to);
  }
  for (const project::ScenarioResult& result : results) {
    if (result.passed()) {
      passed[result.name] = now.at(result.name);
    } else {
      passed.erase(result.name);
    }
  }
  const bool have_all_passed = std::all_of(results.begin(), results.end(),
                                           [](const auto& result) { return result.passed(); });
  return have_all_passed ? kDone : kScriptFailed;
}

}  // namespace moonlet::cli
