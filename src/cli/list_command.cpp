#include <algorithm>
#include <cstdio>

#include "cli/project_run.hpp"
#include "cli/rows.hpp"
#include "project/nearest_name.hpp"

namespace moonlet::cli {

namespace {

constexpr char kAbout[] =
    "Lists the handlers, host functions and scenarios of a project; or, as WHAT says, the names "
    "of\n"
    "handlers, functions, scenarios or states alone, one a line.\n"
    "\n"
    "Exit codes: 0; 2 the request or the project is wrong, or states cannot be listed.";

constexpr PlainWord kWords[] = {
    {"PROJECT", WordKind::Project},
    {.name = "WHAT", .is_optional = true, .choices = "handlers functions scenarios states"}};
constexpr OptionRow kOptions[] = {kStateOption};

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows handlers(const project::Project& project) {
  Rows rows;
  for (const project::Handler& handler : project.handlers) {
    std::string about = handler.script;
    if (handler.entry != handler.name) about += ", " + handler.entry;
    if (handler.dehydrate_after) {
      about += ", dehydrated after " + std::to_string(*handler.dehydrate_after);
    }
    rows.emplace_back(handler.name, std::move(about));
  }
  return rows;
}

Rows functions(const project::Project& project) {
  Rows rows;
  for (const project::HostFunction& function : project.host_functions) {
    std::string about = "answered by somebody else";
    if (const auto* command = std::get_if<project::CommandLine>(&function.by)) {
      about = command->exec;
    } else if (const auto* request = std::get_if<project::HttpRequest>(&function.by)) {
      about = request->method + " " + request->url;
    }
    rows.emplace_back(function.name, std::move(about));
  }
  return rows;
}

Rows scenarios(const project::Project& project) {
  Rows rows;
  for (const project::Scenario& scenario : project.scenarios) {
    rows.emplace_back(scenario.name, scenario.handler);
  }
  return rows;
}

std::expected<Rows, std::string> states(const project::Project& project,
                                        const Arguments& arguments) {
  const auto store = open_store(project, arguments.value("--state"));
  if (store == nullptr) {
    return std::unexpected(
        "where are the states? Say it with --state, or in the project's \"state\"");
  }
  auto names = store->list();
  if (!names) return std::unexpected(names.error());
  Rows rows;
  for (const std::string& name : *names) rows.emplace_back(name, store->place_of(name));
  return rows;
}

void show_section(const char* title, const Rows& rows) {
  if (rows.empty()) return;
  std::printf("%s\n", title);
  std::size_t width = 0;
  for (const auto& [name, about] : rows) width = std::max(width, name.size());
  for (const auto& [name, about] : rows) {
    std::printf("  %-*s  %s\n", static_cast<int>(width), name.c_str(), about.c_str());
  }
}

void show_names(const Rows& rows) {
  for (const auto& [name, about] : rows) std::printf("%s\n", name.c_str());
}

int run(const Arguments& arguments) {
  const std::string kind = arguments.word(1);
  auto project = open_project(arguments.words[0]);
  if (!project) return refuse(project.error());
  if (kind == "states") {
    auto rows = states(*project, arguments);
    if (!rows) return refuse(rows.error());
    show_names(*rows);
  } else if (kind == "handlers") {
    show_names(handlers(*project));
  } else if (kind == "functions") {
    show_names(functions(*project));
  } else if (kind == "scenarios") {
    show_names(scenarios(*project));
  } else {
    show_section("handlers", handlers(*project));
    show_section("host functions", functions(*project));
    show_section("scenarios", scenarios(*project));
  }
  return kDone;
}

}  // namespace

const CommandRow kListRow = {"list", "",     "list handlers, host functions, scenarios or states",
                             kAbout, kWords, kOptions,
                             run};

}  // namespace moonlet::cli
