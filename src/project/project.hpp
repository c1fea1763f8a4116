// A project: scripts, handlers, host functions, configuration, scenarios. Format: docs/project.md.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moonlet/moonlet.hpp"
#include "project/document.hpp"
#include "project/host_function.hpp"
#include "project/scenario.hpp"

namespace moonlet::project {

struct Script {
  std::string name;
  std::string path;  // below the project's folder
};

struct Handler {
  std::string name;
  std::string script;
  std::string entry;  // field of `handlers` in what the script returns
  std::optional<std::uint64_t> dehydrate_after;
};

enum class StateBackend : std::uint8_t { None, File, Folder, Commands };
struct StatePlace {
  StateBackend backend = StateBackend::None;
  std::string path;  // of a file or folder
  // Programs: what they get and give is in docs/project.md.
  std::string put;
  std::string get;
  std::string list;
  std::string lock;
  std::int64_t timeout_ms = 30'000;
};

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error, Off };
enum class LogFormat : std::uint8_t { Text, Json };
struct LogSettings {
  LogLevel level = LogLevel::Debug;
  LogFormat format = LogFormat::Text;
};
// Levels by other names ("notice") are as important as info.
LogLevel log_level_of(std::string_view name);

struct Project {
  Document document;
  std::string folder;  // of the file; programs run in it
  std::vector<Script> scripts;
  std::vector<Handler> handlers;
  std::vector<HostFunction> host_functions;
  std::optional<Schema> config_schema;
  Value config;  // as the file has it, without overlays
  std::string agent_namespace = "sys";
  std::optional<Dialect> dialect;      // nothing: Luau if all scripts end in .luau
  std::vector<std::string> libraries;  // empty: all safe ones
  Limits limits;
  StatePlace state;
  LogSettings log;
  std::vector<Scenario> scenarios;
  std::vector<std::string> notes;  // for people: members of the file that mean nothing here

  const std::string& path() const { return document.file; }
  const Handler* find_handler(std::string_view name) const;
  const HostFunction* find_host_function(std::string_view name) const;
  std::vector<std::string> handler_names() const;
  std::vector<std::string> host_function_names() const;
};

// What is wrong with a file: each line names the place and says what. `notes` as in Project.
struct ProjectProblems {
  std::vector<std::string> errors;
  std::vector<std::string> notes;
};
[[nodiscard]] std::expected<Project, ProjectProblems> load_project(const std::string& path);

// Reads and compiles the scripts.
[[nodiscard]] std::expected<Image, std::string> compile_project(const Engine& engine,
                                                                const Project& project, Host& host);
// All files that compile_project() reads, the project's own not among them: scripts and what they
// require; of a module that is nowhere, the places where it was looked for. Compiles, as far as it
// gets.
[[nodiscard]] std::vector<std::string> files_of_scripts(const Engine& engine,
                                                        const Project& project);
// The same for runs that note the lines that they come to (coverage.hpp), without limits.
// `sources`: all that were read.
[[nodiscard]] std::expected<Image, std::string> compile_for_coverage(const Engine& engine,
                                                                     const Project& project,
                                                                     Host& host,
                                                                     std::vector<Source>& sources);

}  // namespace moonlet::project
