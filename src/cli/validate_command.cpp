#include <cstdio>

#include "cli/project_run.hpp"
#include "cli/rows.hpp"
#include "project/config.hpp"

namespace moonlet::cli {

namespace {

constexpr char kAbout[] =
    "Says everything that is wrong with a project: the file, its schemas, the configuration, the\n"
    "mocks of its scenarios; then compiles the scripts, runs their main chunks, and looks for the\n"
    "handlers. No handler is called.\n"
    "\n"
    "Exit codes: 0 nothing is wrong; 2 something is.";

constexpr PlainWord kWords[] = {{"PROJECT", WordKind::Project}};
constexpr OptionRow kOptions[] = {
    {"--strict", "", "members that are not known are errors, too"},
    kOverlayOption,
    kSetOption,
};

std::string counted(std::size_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

// Handlers that the scripts do not have.
std::size_t check_handlers(const project::Project& project, const Image& image) {
  std::size_t missing = 0;
  for (const project::Handler& handler : project.handlers) {
    auto vm = image.fork();
    const auto started =
        vm ? vm->start(handler.script, {"handlers", handler.entry}, {Value(Value::Object{})})
           : std::expected<void, std::string>(std::unexpected(vm.error()));
    if (started) continue;
    ++missing;
    refuse(project.document.place({"handlers", handler.name}, project::PlaceOf::Name) +
           " is not there: " + started.error());
  }
  return missing;
}

int run(const Arguments& arguments) {
  auto project = open_project(arguments.words[0]);
  if (!project) return refuse(project.error());
  auto config = project::layered_config(
      *project, {arguments.values("--config-overlay"), arguments.values("--set")});
  if (!config) return refuse(config.error());
  auto engine = shared_engine();
  if (!engine) return refuse(engine.error());
  auto image = project::compile_project(*engine, *project, shared_host());
  if (!image) return refuse(image.error());
  if (check_handlers(*project, *image) > 0) return kBadRequest;
  if (arguments.has("--strict") && !project->notes.empty()) {
    return refuse(project->path() + " has members that are not known (--strict)");
  }
  std::printf("%s: ok: %s, %s, %s, %s\n", project->path().c_str(),
              counted(project->scripts.size(), "script").c_str(),
              counted(project->handlers.size(), "handler").c_str(),
              counted(project->host_functions.size(), "host function").c_str(),
              counted(project->scenarios.size(), "scenario").c_str());
  return kDone;
}

}  // namespace

const CommandRow kValidateRow = {"validate", "", "say what is wrong with a project", kAbout, kWords,
                                 kOptions,   run};

}  // namespace moonlet::cli
