// A project file: scripts, handlers, host functions, configuration. Format: docs/cli.md.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "moonlet/moonlet.hpp"

namespace moonlet::project {

struct Script {
  std::string name;
  std::string path;  // below the project's folder
};

struct Handler {
  std::string name;
  std::string script;
  std::string entry;  // field of `handlers` in what the script returns
};

// A host function is a program, or somebody else answers (empty `exec`).
struct HostProgram {
  std::string name;
  std::string exec;
  std::int64_t timeout_ms = 30'000;
};

struct Project {
  std::string path;    // of the file
  std::string folder;  // of the file; programs run in it
  std::vector<Script> scripts;
  std::vector<Handler> handlers;
  std::vector<HostProgram> host_functions;
  Value config;
  std::string agent_namespace = "sys";
  std::vector<std::string> libraries;  // empty: all safe ones
  Limits limits;
  std::vector<std::string> notes;  // for people: members of the file that mean nothing here

  const Handler* find_handler(std::string_view name) const;
  const HostProgram* find_host_function(std::string_view name) const;
};

// The error names the file, the place in it, and what is wrong.
[[nodiscard]] std::expected<Project, std::string> load_project(const std::string& path);

// Reads and compiles the scripts.
[[nodiscard]] std::expected<Image, std::string> compile_project(const Engine& engine,
                                                                const Project& project, Host& host);

}  // namespace moonlet::project
