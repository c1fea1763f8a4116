#include <cstdio>

#include "cli/project_run.hpp"
#include "cli/rows.hpp"
#include "project/config.hpp"

namespace moonlet::cli {

namespace {

constexpr char kAbout[] =
    "Shows the configuration that a run would have: the project's, with the overlays and settings\n"
    "over it, checked against its configSchema. MEMBER, as in api.hosts[0], shows a part of it.\n"
    "\n"
    "Exit codes: 0; 2 the request, the project or the configuration is wrong.";

constexpr PlainWord kWords[] = {{"PROJECT", WordKind::Project}, {"MEMBER", WordKind::Text, true}};
constexpr OptionRow kOptions[] = {kOverlayOption, kSetOption};

int run(const Arguments& arguments) {
  auto project = open_project(arguments.words[0]);
  if (!project) return refuse(project.error());
  auto config = project::layered_config(
      *project, {arguments.values("--config-overlay"), arguments.values("--set")});
  if (!config) return refuse(config.error());
  const Value* shown = &*config;
  if (const std::string member = arguments.word(1); !member.empty()) {
    const auto path = project::parse_path(member);
    if (!path) return refuse(member + ": " + path.error());
    shown = project::value_at(*config, *path);
    if (shown == nullptr) return refuse("the configuration has no " + member);
  }
  std::printf("%s\n", to_json(*shown, JsonLayout::Indented).value_or("null").c_str());
  return kDone;
}

}  // namespace

const CommandRow kConfigRow = {"config", "", "show the configuration of a run", kAbout, kWords,
                               kOptions, run};

}  // namespace moonlet::cli
