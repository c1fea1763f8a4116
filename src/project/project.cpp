#include "project/project.hpp"

#include <algorithm>
#include <cctype>

#include "project/coverage.hpp"
#include "project/nearest_name.hpp"
#include "project/read_sections.hpp"

namespace moonlet::project {

namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void read_scripts(const Node& section, Project& project) {
  for (const Node& node : section.members()) {
    if (auto path = node.text()) project.scripts.push_back({node.name(), std::move(*path)});
  }
}

void read_handlers(const Node& section, Project& project) {
  std::vector<std::string> scripts;
  for (const Script& script : project.scripts) scripts.push_back(script.name);
  for (const Node& node : section.members()) {
    if (!node.is_object()) continue;
    node.expect_members({"script", "entry", "dehydrateAfter", "description"});
    Handler handler{node.name(), {}, node.name(), {}};
    if (const auto script = node.find("script")) {
      handler.script = script->text().value_or("");
      const bool is_known =
          std::find(scripts.begin(), scripts.end(), handler.script) != scripts.end();
      if (script->value().string() != nullptr && !is_known) {
        script->fail("is \"" + handler.script + "\", which is not in \"scripts\"" +
                     hint_for(handler.script, scripts));
      }
    } else {
      node.fail("needs a \"script\"");
    }
    if (const auto entry = node.find("entry")) {
      handler.entry = entry->text().value_or(handler.entry);
    }
    if (const auto after = node.find("dehydrateAfter")) {
      if (const auto calls = after->count(1, "number of calls, 1 or more")) {
        handler.dehydrate_after = static_cast<std::uint64_t>(*calls);
      }
    }
    project.handlers.push_back(std::move(handler));
  }
}

void read_config(const Node& root, Project& project) {
  project.config = Value(Value::Object{});
  if (const auto config = root.find("config"); config && config->is_object()) {
    project.config = config->value();
  }
  const auto schema = root.find("configSchema");
  if (!schema) return;
  auto made = Schema::make(schema->value());
  if (made) {
    project.config_schema = std::move(*made);
  } else {
    schema->fail(made.error());
  }
}

void read_root(const Node& root, Project& project) {
  root.expect_members({"name", "version", "description", "scripts", "handlers", "hostFunctions",
                       "configSchema", "config", "runtime", "scenarios", "state", "log"});
  if (const auto node = root.find("scripts")) read_scripts(*node, project);
  if (const auto node = root.find("handlers")) read_handlers(*node, project);
  if (const auto node = root.find("hostFunctions")) read_host_functions(*node, project);
  read_config(root, project);
  if (const auto node = root.find("runtime")) read_runtime(*node, project);
  if (const auto node = root.find("state")) read_state(*node, project);
  if (const auto node = root.find("log")) read_log(*node, project);
  if (const auto node = root.find("scenarios")) read_scenarios(*node, project);
}

}  // namespace

const Handler* Project::find_handler(std::string_view name) const {
  const auto found = std::find_if(handlers.begin(), handlers.end(),
                                  [&](const Handler& h) { return h.name == name; });
  return found != handlers.end() ? &*found : nullptr;
}

const HostFunction* Project::find_host_function(std::string_view name) const {
  const auto found = std::find_if(host_functions.begin(), host_functions.end(),
                                  [&](const HostFunction& f) { return f.name == name; });
  return found != host_functions.end() ? &*found : nullptr;
}

std::vector<std::string> Project::handler_names() const {
  std::vector<std::string> names;
  for (const Handler& handler : handlers) names.push_back(handler.name);
  return names;
}

std::vector<std::string> Project::host_function_names() const {
  std::vector<std::string> names;
  for (const HostFunction& function : host_functions) names.push_back(function.name);
  return names;
}

std::expected<Project, ProjectProblems> load_project(const std::string& path) {
  auto document = Document::read(path);
  if (!document) return std::unexpected(ProjectProblems{{document.error()}, {}});
  Project project;
  project.document = std::move(*document);
  project.folder = folder_of(path);
  Findings findings;
  read_root(Node(project.document, findings), project);
  if (!findings.errors.empty()) {
    return std::unexpected(ProjectProblems{std::move(findings.errors), std::move(findings.notes)});
  }
  project.notes = std::move(findings.notes);
  return project;
}

namespace {

Dialect dialect_of(const Project& project) {
  if (project.dialect) return *project.dialect;
  const bool is_luau =
      !project.scripts.empty() &&
      std::all_of(project.scripts.begin(), project.scripts.end(), [](const Script& script) {
        return dialect_of_file(script.path) == Dialect::Luau;
      });
  return is_luau ? Dialect::Luau : Dialect::Lua54;
}

std::string full_path(const Project& project, const std::string& file) {
  const bool is_whole = file.starts_with("/") || project.folder == ".";
  return is_whole ? file : project.folder + "/" + file;
}

// A script by its name, or a file below the project's folder: a.b is a/b.lua or a/b/init.lua; in
// Luau .luau.
// `looked_at`: where it was looked for, to be added to.
std::expected<Source, std::string> find_module(const Project& project, std::string_view name,
                                               std::vector<std::string>* looked_at = nullptr) {
  // Scripts of Luau ask for files.
  constexpr std::string_view kEndings[] = {".luau", ".lua", ".luaurc"};
  const bool is_file = std::any_of(std::begin(kEndings), std::end(kEndings),
                                   [&](std::string_view ending) { return name.ends_with(ending); });
  std::string path;
  for (const char c : is_file ? std::string_view() : name) {
    const bool is_good = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    if (!is_good && (c != '.' || path.empty() || path.back() == '/')) {
      return std::unexpected("a name has letters, digits, _ and -, with dots between them");
    }
    path += c == '.' ? '/' : c;
  }
  const std::string ending = dialect_of(project) == Dialect::Luau ? ".luau" : ".lua";
  std::vector<std::string> files = {path + ending, path + "/init" + ending};
  if (is_file) files = {std::string(name)};
  for (const Script& script : project.scripts) {
    if (script.name == name) files = {script.path};
  }
  std::string missing;
  for (const std::string& file : files) {
    Source source{std::string(name), {}, file};
    std::string message;
    const std::string full = file.starts_with("/") ? file : project.folder + "/" + file;
    if (looked_at != nullptr) looked_at->push_back(full_path(project, file));
    if (process_host().read_file(full, source.text, message)) return source;
    missing += (missing.empty() ? "no file " : ", no file ") + full;
  }
  return std::unexpected(missing);
}

}  // namespace

namespace {

std::expected<ImageOptions, std::string> image_options(const Project& project, Host& host) {
  ImageOptions options;
  options.dialect = dialect_of(project);
  options.limits = project.limits;
  options.libraries = {LibrarySet::Safe, project.libraries};
  options.agent_namespace = project.agent_namespace;
  options.host = &host;
  options.find_module = [&](std::string_view name) { return find_module(project, name); };
  for (const Script& script : project.scripts) {
    Source source{script.name, {}, script.path};
    std::string message;
    const bool is_absolute = !script.path.empty() && script.path[0] == '/';
    const std::string path = is_absolute ? script.path : project.folder + "/" + script.path;
    if (!process_host().read_file(path, source.text, message)) {
      return std::unexpected(project.document.place({"scripts", script.name}) + ": " + message);
    }
    options.sources.push_back(std::move(source));
  }
  return options;
}

}  // namespace

std::expected<Image, std::string> compile_project(const Engine& engine, const Project& project,
                                                  Host& host) {
  const auto options = image_options(project, host);
  if (!options) return std::unexpected(options.error());
  return Image::compile(engine, *options);
}

namespace {

class SilentHost final : public Host {
 public:
  void write(std::string_view) override {}
  void warn(std::string_view, bool) override {}
};

}  // namespace

std::vector<std::string> files_of_scripts(const Engine& engine, const Project& project) {
  std::vector<std::string> files;
  for (const Script& script : project.scripts) files.push_back(full_path(project, script.path));
  SilentHost host;
  auto options = image_options(project, host);
  if (!options) return files;
  options->find_module = [&](std::string_view name) { return find_module(project, name, &files); };
  static_cast<void>(Image::compile(engine, *options));
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

std::expected<Image, std::string> compile_for_coverage(const Engine& engine, const Project& project,
                                                       Host& host, std::vector<Source>& sources) {
  auto options = image_options(project, host);
  if (!options) return std::unexpected(options.error());
  if (options->dialect == Dialect::Luau) {
    return std::unexpected("coverage is for Lua 5.4: Luau has no hooks to count lines by");
  }
  sources = options->sources;
  options->find_module = [&](std::string_view name) {
    auto source = find_module(project, name);
    if (source) sources.push_back(*source);
    return source;
  };
  options->limits = {};
  options->sources.insert(options->sources.begin(), coverage_source(project.libraries));
  if (!options->libraries.names.empty()) options->libraries.names.emplace_back("debug");
  return Image::compile(engine, *options);
}

}  // namespace moonlet::project
