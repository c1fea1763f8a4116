#include "project/project.hpp"

#include <algorithm>

namespace moonlet::project {

namespace {

class ProjectReader {
 public:
  explicit ProjectReader(std::string path) { project_.path = std::move(path); }

  std::expected<Project, std::string> read() {
    std::string text;
    std::string message;
    if (!process_host().read_file(project_.path, text, message)) return std::unexpected(message);
    const std::size_t slash = project_.path.rfind('/');
    project_.folder = slash == std::string::npos ? "." : project_.path.substr(0, slash);
    if (project_.folder.empty()) project_.folder = "/";
    auto root = from_json(text);
    if (!root) return std::unexpected(project_.path + ": " + root.error());
    if (root->object() == nullptr) return std::unexpected(project_.path + ": not a JSON object");
    if (!read_root(*root)) return std::unexpected(project_.path + ": " + error_);
    return std::move(project_);
  }

 private:
  bool fail(const std::string& place, const std::string& what) {
    error_ = place + " " + what;
    return false;
  }

  // A typing error would go unnoticed, as would a limit that nobody enforces. Files of later
  // versions may have more than this one knows, so it is no error. "$schema" and its like are for
  // editors.
  void note_unknown(const Value& value, const std::string& place,
                    std::initializer_list<std::string_view> known) {
    if (value.object() == nullptr) return;
    for (const Member& member : *value.object()) {
      if (member.name.starts_with("$")) continue;
      if (std::find(known.begin(), known.end(), member.name) != known.end()) continue;
      std::string note =
          project_.path + ": " + place + member.name + " is not known and is ignored;";
      note += known.size() > 1 ? " there may be" : " there is";
      for (const std::string_view name : known) note += " " + std::string(name);
      project_.notes.push_back(std::move(note));
    }
  }

  bool read_root(const Value& root) {
    note_unknown(root, "", {"scripts", "handlers", "hostFunctions", "config", "runtime"});
    return read_members(root, "scripts", &ProjectReader::read_script) &&
           read_members(root, "handlers", &ProjectReader::read_handler) &&
           read_members(root, "hostFunctions", &ProjectReader::read_host_function) &&
           read_config(root) && read_runtime(root);
  }

  using ReadMember = bool (ProjectReader::*)(const Member& member, const std::string& place);
  bool read_members(const Value& root, const std::string& section, ReadMember read_member) {
    const Value* value = root.find(section);
    if (value == nullptr) return true;
    if (value->object() == nullptr) return fail(section, "must be an object");
    for (const Member& member : *value->object()) {
      if (!(this->*read_member)(member, section + "." + member.name)) return false;
    }
    return true;
  }

  bool read_text(const Value& from, const std::string& place, std::string& to) {
    if (from.string() == nullptr) return fail(place, "must be a string");
    to = *from.string();
    return true;
  }

  bool read_script(const Member& member, const std::string& place) {
    Script script{member.name, {}};
    if (!read_text(member.value, place, script.path)) return false;
    project_.scripts.push_back(std::move(script));
    return true;
  }

  bool read_handler(const Member& member, const std::string& place) {
    Handler handler{member.name, {}, member.name};
    note_unknown(member.value, place + ".", {"script", "entry"});
    const Value* script = member.value.find("script");
    if (script == nullptr) return fail(place, "needs a \"script\"");
    if (!read_text(*script, place + ".script", handler.script)) return false;
    const bool is_known = std::any_of(project_.scripts.begin(), project_.scripts.end(),
                                      [&](const Script& s) { return s.name == handler.script; });
    if (!is_known) {
      return fail(place + ".script", "is \"" + handler.script + "\", which is not in \"scripts\"");
    }
    const Value* entry = member.value.find("entry");
    if (entry != nullptr && !read_text(*entry, place + ".entry", handler.entry)) return false;
    project_.handlers.push_back(std::move(handler));
    return true;
  }

  bool read_host_function(const Member& member, const std::string& place) {
    HostProgram program;
    program.name = member.name;
    if (member.value.object() == nullptr) return fail(place, "must be an object");
    note_unknown(member.value, place + ".", {"cli"});
    if (const Value* cli = member.value.find("cli"); cli != nullptr) {
      note_unknown(*cli, place + ".cli.", {"exec", "timeout"});
      const Value* exec = cli->find("exec");
      if (exec == nullptr) return fail(place + ".cli", "needs \"exec\", a command line");
      if (!read_text(*exec, place + ".cli.exec", program.exec)) return false;
      if (const Value* timeout = cli->find("timeout"); timeout != nullptr) {
        if (timeout->integer() == nullptr || *timeout->integer() <= 0) {
          return fail(place + ".cli.timeout", "must be a number of milliseconds");
        }
        program.timeout_ms = *timeout->integer();
      }
    }
    project_.host_functions.push_back(std::move(program));
    return true;
  }

  bool read_config(const Value& root) {
    const Value* config = root.find("config");
    project_.config = config != nullptr ? *config : Value(Value::Object{});
    return project_.config.object() != nullptr || fail("config", "must be an object");
  }

  bool read_runtime(const Value& root) {
    const Value* runtime = root.find("runtime");
    if (runtime == nullptr) return true;
    if (runtime->object() == nullptr) return fail("runtime", "must be an object");
    note_unknown(*runtime, "runtime.", {"namespace", "stdlib", "limits"});
    const Value* name = runtime->find("namespace");
    if (name != nullptr && !read_text(*name, "runtime.namespace", project_.agent_namespace)) {
      return false;
    }
    if (const Value* libraries = runtime->find("stdlib"); libraries != nullptr) {
      if (libraries->array() == nullptr) return fail("runtime.stdlib", "must be a list of names");
      for (const Value& library : *libraries->array()) {
        std::string text;
        if (!read_text(library, "runtime.stdlib", text)) return false;
        project_.libraries.push_back(std::move(text));
      }
    }
    const Value* limits = runtime->find("limits");
    if (limits == nullptr) return true;
    if (limits->object() == nullptr) return fail("runtime.limits", "must be an object");
    note_unknown(*limits, "runtime.limits.", {"memory", "memory_soft", "fuel", "run_time_ms"});
    for (const auto& [limit, value] : *limits->object()) {
      if (!read_limit(limit, value)) return false;
    }
    return true;
  }

  // In the units of the project file.
  bool read_limit(std::string_view name, const Value& value) {
    Limits& limits = project_.limits;
    struct Row {
      std::string_view name;
      std::uint64_t& field;
      std::uint64_t unit;
      const char* problem;
    };
    const Row rows[] = {
        {"memory", limits.memory_bytes, 1, "must be a number of bytes"},
        {"memory_soft", limits.memory_bytes_soft, 1, "must be a number of bytes"},
        {"fuel", limits.fuel, 1, "must be a number of units"},
        {"run_time_ms", limits.run_time_ns, 1'000'000, "must be a number of milliseconds"},
    };
    for (const Row& row : rows) {
      if (row.name != name) continue;
      const std::int64_t* number = value.integer();
      if (number == nullptr || *number <= 0 ||
          static_cast<std::uint64_t>(*number) > INT64_MAX / row.unit) {
        return fail("runtime.limits." + std::string(name), row.problem);
      }
      row.field = static_cast<std::uint64_t>(*number) * row.unit;
    }
    return true;
  }

  Project project_;
  std::string error_;
};

}  // namespace

const Handler* Project::find_handler(std::string_view name) const {
  const auto found = std::find_if(handlers.begin(), handlers.end(),
                                  [&](const Handler& h) { return h.name == name; });
  return found != handlers.end() ? &*found : nullptr;
}

const HostProgram* Project::find_host_function(std::string_view name) const {
  const auto found = std::find_if(host_functions.begin(), host_functions.end(),
                                  [&](const HostProgram& f) { return f.name == name; });
  return found != host_functions.end() ? &*found : nullptr;
}

std::expected<Project, std::string> load_project(const std::string& path) {
  return ProjectReader(path).read();
}

std::expected<Image, std::string> compile_project(const Engine& engine, const Project& project,
                                                  Host& host) {
  ImageOptions options;
  options.limits = project.limits;
  options.libraries = {LibrarySet::Safe, project.libraries};
  options.agent_namespace = project.agent_namespace;
  options.host = &host;
  for (const Script& script : project.scripts) {
    Source source{script.name, {}, script.path};
    std::string message;
    const bool is_absolute = !script.path.empty() && script.path[0] == '/';
    const std::string path = is_absolute ? script.path : project.folder + "/" + script.path;
    if (!process_host().read_file(path, source.text, message)) {
      return std::unexpected(project.path + ": scripts." + script.name + ": " + message);
    }
    options.sources.push_back(std::move(source));
  }
  return Image::compile(engine, options);
}

}  // namespace moonlet::project
