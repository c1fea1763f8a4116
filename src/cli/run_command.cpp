#include "cli/project_run.hpp"
#include "cli/rows.hpp"

namespace moonlet::cli {

namespace {

constexpr char kAbout[] =
    "Calls a handler of a project with INPUT (JSON, @FILE, or - for the standard input; {} if\n"
    "left out) and writes its result to the standard output as JSON. What the script prints, logs\n"
    "and emits goes to the standard error.\n"
    "\n"
    "Exit codes: 0 finished, or dehydrated as asked; 1 the script failed; 2 the request, the "
    "project\n"
    "or the state is wrong, or what came out could not be written; 3 the program waits for an\n"
    "answer or sleeps, and its state was written.";

constexpr PlainWord kWords[] = {{"PROJECT", WordKind::Project},
                                {"HANDLER", WordKind::Handler},
                                {"INPUT", WordKind::Text, true}};

constexpr OptionRow kOptions[] = {
    kAfterOption,
    kStateOption,
    {"--id", "TEXT", "name of this run, with which the ids of its Commands begin (random)"},
    {"--seed", "N", "where math.random begins (random)", WordKind::Number},
    kOverlayOption,
    kSetOption,
    kTimeoutOption,
    kSleepOption,
    kImagesOption,
};

int run(const Arguments& arguments) {
  ProjectRun project(arguments);
  if (auto done = project.load(arguments.words[0]); !done) return refuse(done.error());
  if (arguments.has("--dehydrate-after") && project.states() == nullptr) {
    return refuse(
        "--dehydrate-after needs --state, the file that the state goes to, or \"state\" in " +
        arguments.words[0]);
  }
  if (auto done = project.start(arguments.words[1], arguments.word(2, "{}")); !done) {
    return refuse(done.error());
  }
  return project.run();
}

}  // namespace

const CommandRow kRunRow = {"run",    "call", "call a handler of a project", kAbout, kWords,
                            kOptions, run};

}  // namespace moonlet::cli
