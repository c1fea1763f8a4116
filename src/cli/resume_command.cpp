#include "cli/project_run.hpp"
#include "cli/rows.hpp"

namespace moonlet::cli {

namespace {

constexpr char kAbout[] =
    "Goes on with a program whose state `moonlet run` wrote. A program that waits for an answer\n"
    "gets it by --result or --error. It goes on with the scripts that it began with, also when "
    "the\n"
    "project's have been changed since: they are in the folder of --images. The configuration is\n"
    "the present one.\n"
    "\n"
    "Exit codes: 0 finished, or dehydrated as asked; 1 the script failed; 2 the request, the "
    "project\n"
    "or the state is wrong, or what came out could not be written; 3 the program waits for an\n"
    "answer, and its state was written.";

constexpr PlainWord kWords[] = {{"PROJECT", WordKind::Project}};

constexpr OptionRow kOptions[] = {
    kStateOption,
    {"--id", "TEXT", "which state it is, where there are several"},
    {"--result", "JSON", "the answer that the program waits for; or @FILE, or -"},
    {"--error", "TEXT", "that there is none: an error at the line of the call"},
    {"--command", "ID", "the Command that is answered; refused if the program waits for another"},
    kAfterOption,
    kOverlayOption,
    kSetOption,
    kTimeoutOption,
    kSleepOption,
    kImagesOption,
};

int run(const Arguments& arguments) {
  if (arguments.has("--result") && arguments.has("--error")) {
    return refuse("an answer is --result or --error, not both; see moonlet resume --help");
  }
  if (arguments.has("--command") && !arguments.has("--result") && !arguments.has("--error")) {
    return refuse("--command says what --result or --error answers; one of them is needed");
  }
  if (arguments.value("--state") == "-" && arguments.value("--result") == "-") {
    return refuse("the standard input cannot be both the state and the answer");
  }
  ProjectRun project(arguments);
  if (auto done = project.load(arguments.words[0]); !done) return refuse(done.error());
  if (auto done = project.take_over(); !done) return refuse(done.error());
  if (auto done = project.answer(); !done) return refuse(done.error());
  return project.run();
}

}  // namespace

const CommandRow kResumeRow = {
    "resume", "", "go on with a handler that was dehydrated", kAbout, kWords, kOptions, run};

}  // namespace moonlet::cli
