#include <cstdio>

#include "cli/project_run.hpp"
#include "cli/rows.hpp"

namespace moonlet::cli {

namespace {

constexpr char kAbout[] =
    "Looks into a state without running it: what it waits for, where the script stands, with "
    "local\n"
    "variables, and what it has used of its limits.\n"
    "\n"
    "Exit codes: 0; 2 the request, the project or the state is wrong.";

constexpr PlainWord kWords[] = {{"PROJECT", WordKind::Project}};
constexpr OptionRow kOptions[] = {
    kStateOption,
    {"--id", "TEXT", "which state it is, where there are several"},
    {"--format", "FORMAT", "pretty or json", WordKind::Text, "pretty json"},
    kImagesOption,
};

constexpr std::size_t kFramesMax = 100;

std::string limit_text(std::uint64_t used, std::uint64_t limit, const char* unit) {
  std::string text = std::to_string(used) + " " + unit;
  if (limit != UINT64_MAX) text += " of " + std::to_string(limit);
  return text;
}

std::string seconds_text(const Value& time) {
  if (time.integer() != nullptr) return utc_text(static_cast<double>(*time.integer()));
  return time.number() != nullptr ? utc_text(*time.number()) : "?";
}

void show_frames(const std::vector<StackFrame>& frames) {
  int coroutine = 0;
  for (const StackFrame& frame : frames) {
    if (frame.coroutine != coroutine) {
      coroutine = frame.coroutine;
      std::printf("  resumed by\n");
    }
    const std::string line = frame.line > 0 ? ":" + std::to_string(frame.line) : "";
    std::printf("  %s%s: in %s\n", frame.source.c_str(), line.c_str(), frame.function.c_str());
    for (const StackVariable& local : frame.locals) {
      std::printf("      %s = %s\n", local.name.c_str(), local.text.c_str());
    }
  }
}

void show_what_it_waits_for(ProjectRun& run) {
  const Command* command = run.vm().pending();
  if (command == nullptr) {
    std::printf("waits   for nothing: `moonlet resume` goes on\n");
  } else if (command->kind == CommandKind::Sleep) {
    std::printf("waits   for time: `moonlet resume` sleeps until %s\n",
                command->arguments.size() > 1 ? seconds_text(command->arguments[1]).c_str() : "?");
  }
  for (const project::Awaited& awaited : project::waits_for(run.project(), run.vm())) {
    std::printf("waits   for the answer to %s (%s)\n", awaited.name.c_str(), awaited.id.c_str());
    std::printf("payload %s\n", to_json(awaited.payload).value_or("?").c_str());
  }
}

void show(ProjectRun& run) {
  const Vm& vm = run.vm();
  const Usage usage = vm.usage();
  const Limits limits = vm.limits();
  std::printf("id      %s\nimage   %s\nbytes   %zu\n", vm.id().c_str(), run.image().hash().c_str(),
              run.state_bytes().size());
  std::printf("memory  %s\n", limit_text(usage.memory_bytes, limits.memory_bytes, "bytes").c_str());
  std::printf("fuel    %s\n", limit_text(usage.fuel, limits.fuel, "units").c_str());
  show_what_it_waits_for(run);
  std::printf("stack\n");
  show_frames(vm.stack(kFramesMax));
}

Value as_json(ProjectRun& run) {
  const Vm& vm = run.vm();
  const Usage usage = vm.usage();
  Value::Array frames;
  for (const StackFrame& frame : vm.stack(kFramesMax)) {
    Value::Object locals;
    for (const StackVariable& local : frame.locals) {
      locals.push_back({local.name, Value(local.text)});
    }
    frames.emplace_back(Value::Object{{"function", Value(frame.function)},
                                      {"source", Value(frame.source)},
                                      {"line", Value(frame.line)},
                                      {"coroutine", Value(frame.coroutine)},
                                      {"locals", Value(std::move(locals))}});
  }
  Value::Object root = {{"id", Value(vm.id())},
                        {"image", Value(run.image().hash())},
                        {"bytes", Value(static_cast<std::int64_t>(run.state_bytes().size()))},
                        {"memory", Value(static_cast<std::int64_t>(usage.memory_bytes))},
                        {"fuel", Value(static_cast<std::int64_t>(usage.fuel))}};
  Value::Array waits;
  for (const project::Awaited& awaited : project::waits_for(run.project(), vm)) {
    waits.emplace_back(Value::Object{{"name", Value(awaited.name)},
                                     {"command", Value(awaited.id)},
                                     {"payload", awaited.payload}});
  }
  root.push_back({"waitsFor", Value(std::move(waits))});
  root.push_back({"stack", Value(std::move(frames))});
  return Value(std::move(root));
}

int inspect(const Arguments& arguments) {
  const std::string format = arguments.value("--format").value_or("pretty");
  ProjectRun run(arguments);
  if (auto done = run.load(arguments.words[0]); !done) return refuse(done.error());
  if (auto done = run.thaw("inspect"); !done) return refuse(done.error());
  if (format == "pretty") {
    show(run);
    return kDone;
  }
  auto text = to_json(as_json(run), JsonLayout::Indented);
  if (!text) return refuse("the state cannot be shown as JSON: " + text.error());
  std::printf("%s\n", text->c_str());
  return kDone;
}

}  // namespace

const CommandRow kInspectRow = {
    "inspect", "", "look into a state without running it", kAbout, kWords, kOptions, inspect};

}  // namespace moonlet::cli
