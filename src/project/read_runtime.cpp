#include <algorithm>

#include "project/read_sections.hpp"

namespace moonlet::project {

namespace {

// As large as a frame can be, so that so many calls always fit (docs/decisions/0010); and a list of
// values that a call takes or returns lies on the stack, too.
constexpr std::int64_t kSlotsOfOneCall = 256;
constexpr std::int64_t kSlotsOfLists = 8192;
constexpr std::int64_t kStackSlotsMax = 16'000'000;

void read_limits(const Node& section, Limits& limits) {
  struct Row {
    const char* name;
    std::uint64_t* field;
    std::int64_t unit;
    const char* what;
  };
  const Row rows[] = {
      {"memory", &limits.memory_bytes, 1, "number of bytes"},
      {"memory_soft", &limits.memory_bytes_soft, 1, "number of bytes"},
      {"fuel", &limits.fuel, 1, "number of units"},
      {"cpuTime", &limits.run_time_ns, 1'000'000, "number of milliseconds"},
      {"run_time_ms", &limits.run_time_ns, 1'000'000, "number of milliseconds"},
      {"maxCallDepth", nullptr, kSlotsOfOneCall, "number of calls"},
  };
  if (!section.is_object()) return;
  std::vector<std::string> known;
  for (const Row& row : rows) known.emplace_back(row.name);
  section.expect_members(known);
  for (const Row& row : rows) {
    const auto node = section.find(row.name);
    if (!node) continue;
    const auto number = node->count(1, row.what);
    if (!number) continue;
    if (*number > INT64_MAX / row.unit) {
      node->fail("must be a " + std::string(row.what) + ", and not as large");
      continue;
    }
    const std::int64_t value = *number * row.unit;
    if (row.field != nullptr) {
      *row.field = static_cast<std::uint64_t>(value);
    } else {
      limits.stack_slots = static_cast<std::uint32_t>(
          std::min(std::min(value, kStackSlotsMax) + kSlotsOfLists, kStackSlotsMax));
    }
  }
}

}  // namespace

void read_runtime(const Node& section, Project& project) {
  if (!section.is_object()) return;
  section.expect_members({"namespace", "stdlib", "dialect", "limits"});
  if (const auto name = section.find("namespace")) {
    project.agent_namespace = name->text().value_or(project.agent_namespace);
    if (project.agent_namespace.empty()) name->fail("is empty");
  }
  if (const auto libraries = section.find("stdlib")) {
    for (const Node& library : libraries->elements()) {
      if (auto name = library.text()) project.libraries.push_back(std::move(*name));
    }
  }
  if (const auto dialect = section.find("dialect")) {
    const auto name = dialect->text_in({"lua54", "luau"});
    if (name) project.dialect = *name == "luau" ? Dialect::Luau : Dialect::Lua54;
  }
  if (const auto limits = section.find("limits")) read_limits(*limits, project.limits);
}

void read_state(const Node& section, Project& project) {
  if (!section.is_object()) return;
  section.expect_members({"backend", "path", "put", "get", "list", "lock", "timeout"});
  StatePlace& state = project.state;
  std::string backend = "file";
  if (const auto node = section.find("backend")) {
    backend = node->text_in({"file", "dir", "command"}).value_or("");
  }
  const auto need = [&](const char* member, const char* what, std::string& to) {
    if (const auto node = section.find(member)) {
      to = node->text().value_or("");
      if (node->value().string() != nullptr && to.empty()) node->fail("is empty");
    } else {
      section.fail("needs \"" + std::string(member) + "\", " + what);
    }
  };
  if (backend == "command") {
    state.backend = StateBackend::Commands;
    need("put", "a command line that keeps its standard input", state.put);
    need("get", "a command line that writes what was kept", state.get);
    if (const auto node = section.find("list")) state.list = node->text().value_or("");
    if (const auto node = section.find("lock")) state.lock = node->text().value_or("");
    if (const auto node = section.find("timeout")) {
      state.timeout_ms = node->count(1, "number of milliseconds").value_or(1);
    }
  } else if (!backend.empty()) {
    state.backend = backend == "dir" ? StateBackend::Folder : StateBackend::File;
    need("path", backend == "dir" ? "the folder" : "the file", state.path);
  }
}

LogLevel log_level_of(std::string_view name) {
  constexpr std::pair<std::string_view, LogLevel> kNames[] = {
      {"trace", LogLevel::Debug}, {"debug", LogLevel::Debug},  {"info", LogLevel::Info},
      {"warn", LogLevel::Warn},   {"warning", LogLevel::Warn}, {"error", LogLevel::Error},
      {"fatal", LogLevel::Error}, {"off", LogLevel::Off},      {"silent", LogLevel::Off}};
  for (const auto& [known, level] : kNames) {
    if (known == name) return level;
  }
  return LogLevel::Info;
}

void read_log(const Node& section, Project& project) {
  if (!section.is_object()) return;
  section.expect_members({"level", "format"});
  if (const auto node = section.find("level")) {
    const auto level = node->text_in({"trace", "debug", "info", "warn", "error", "silent", "off"});
    if (level) project.log.level = log_level_of(*level);
  }
  if (const auto node = section.find("format")) {
    const auto format = node->text_in({"text", "json", "pretty"});
    project.log.format = format == "json" ? LogFormat::Json : LogFormat::Text;
  }
}

}  // namespace moonlet::project
