#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <optional>

#include "base/os/durable_file.hpp"
#include "base/os/file.hpp"
#include "cli/commands.hpp"
#include "moonlet/moonlet.hpp"
#include "project/project.hpp"
#include "project/session.hpp"

namespace moonlet::cli {

namespace os = base::os;
using project::SessionEnd;

namespace {

// Exit codes, as docs/cli.md and --help give them.
constexpr int kDone = 0;
constexpr int kScriptFailed = 1;
constexpr int kBadRequest = 2;
constexpr int kWaiting = 3;

constexpr char kRunHelp[] =
    "usage: moonlet run PROJECT HANDLER [INPUT] [--dehydrate-after N] [--state PATH|-]\n"
    "                   [--images DIR] [--id TEXT] [--seed N]\n"
    "\n"
    "Calls a handler of a project with INPUT (JSON, or @FILE; {} if left out) and writes its "
    "result\n"
    "to the standard output as JSON.\n"
    "\n"
    "  --dehydrate-after N   after the N-th call of a host function, write the program's state and "
    "end\n"
    "  --state PATH          where the state goes (- is the standard output)\n"
    "  --id TEXT             name of this run, with which the ids of its Commands begin (random)\n"
    "  --seed N              where math.random begins (random)\n"
    "  --images DIR          where the compiled scripts are kept that the state needs; by default\n"
    "                        .moonlet/images in the project's folder\n";

constexpr char kResumeHelp[] =
    "usage: moonlet resume PROJECT --state PATH|- [--result JSON|@FILE | --error TEXT]\n"
    "                      [--dehydrate-after N] [--images DIR]\n"
    "\n"
    "Goes on with a program whose state `moonlet run` wrote; - reads the standard input. A "
    "program\n"
    "that waits for an answer gets it by --result or --error. It goes on with the scripts that it\n"
    "began with, also when the project's have been changed since: they are in the folder of\n"
    "--images (by default .moonlet/images in the project's folder).\n";

constexpr char kExitCodes[] =
    "\n"
    "Exit codes: 0 finished, or dehydrated as asked; 1 the script failed; 2 the request, the "
    "project\n"
    "or the state is wrong, or what came out could not be written; 3 the program waits for an\n"
    "answer, and its state was written.\n";

struct ProjectOptions {
  std::vector<std::string> plain;
  std::optional<std::string> dehydrate_after_text;
  std::optional<std::uint64_t> dehydrate_after;
  std::optional<std::string> state;
  std::optional<std::string> result;
  std::optional<std::string> error;
  std::optional<std::string> images;
  std::optional<std::string> id;
  std::optional<std::string> seed_text;
  std::optional<std::uint64_t> seed;
  bool shows_help = false;
};

struct ValueOption {
  std::string_view name;
  std::optional<std::string> ProjectOptions::*value;
};
constexpr ValueOption kValueOptions[] = {
    {"--dehydrate-after", &ProjectOptions::dehydrate_after_text},
    {"--state", &ProjectOptions::state},
    {"--result", &ProjectOptions::result},
    {"--error", &ProjectOptions::error},
    {"--images", &ProjectOptions::images},
    {"--id", &ProjectOptions::id},
    {"--seed", &ProjectOptions::seed_text},
};

int refuse(const std::string& message) {
  std::fprintf(stderr, "moonlet: %s\n", message.c_str());
  return kBadRequest;
}

std::optional<std::uint64_t> read_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::expected<ProjectOptions, std::string> parse(const std::vector<std::string>& words,
                                                 std::size_t first) {
  ProjectOptions options;
  for (std::size_t at = first; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--help" || word == "-h") {
      options.shows_help = true;
      return options;
    }
    if (!word.starts_with("--")) {
      options.plain.push_back(word);
      continue;
    }
    const auto option = std::find_if(std::begin(kValueOptions), std::end(kValueOptions),
                                     [&](const ValueOption& o) { return word == o.name; });
    if (option == std::end(kValueOptions)) return std::unexpected("unknown option " + word);
    if (at + 1 == words.size()) return std::unexpected(word + " needs a value");
    options.*option->value = words[++at];
  }
  if (options.dehydrate_after_text) {
    options.dehydrate_after = read_number(*options.dehydrate_after_text);
    if (options.dehydrate_after.value_or(0) == 0) {
      return std::unexpected("--dehydrate-after needs a number of calls, 1 or more, not \"" +
                             *options.dehydrate_after_text + "\"");
    }
  }
  if (options.seed_text) {
    options.seed = read_number(*options.seed_text);
    if (!options.seed) {
      return std::unexpected("--seed needs a number, not \"" + *options.seed_text + "\"");
    }
  }
  return options;
}

// JSON, or @FILE with JSON in it.
std::expected<Value, std::string> read_json(const std::string& what, const std::string& text) {
  std::string contents = text;
  if (text.starts_with("@")) {
    std::string message;
    if (!process_host().read_file(text.substr(1), contents, message)) {
      return std::unexpected(what + ": " + message);
    }
  }
  auto value = from_json(contents);
  if (!value) return std::unexpected(what + " is no JSON: " + value.error());
  return value;
}

// Project, engine, image and Vm of one call of the program.
class Runner {
 public:
  explicit Runner(ProjectOptions options) : options_(std::move(options)) {}

  std::expected<void, std::string> load() {
    auto loaded = project::load_project(options_.plain[0]);
    if (!loaded) return std::unexpected(loaded.error());
    project_ = std::move(*loaded);
    for (const std::string& note : project_.notes) {
      std::fprintf(stderr, "moonlet: note: %s\n", note.c_str());
    }
    auto engine = Engine::make();
    if (!engine) return std::unexpected(engine.error());
    engine_ = std::move(*engine);
    images_.emplace(*engine_, options_.images.value_or(project_.folder + "/.moonlet/images"));
    return {};
  }

  std::expected<void, std::string> start() {
    const std::string& name = options_.plain[1];
    const project::Handler* handler = project_.find_handler(name);
    if (handler == nullptr) return std::unexpected(unknown_handler(name));
    auto input = read_json("INPUT", options_.plain.size() > 2 ? options_.plain[2] : "{}");
    if (!input) return std::unexpected(input.error());
    if (auto done = compile(); !done) return done;
    ForkOptions fork = fork_options();
    fork.id = options_.id.value_or("");
    fork.seed = options_.seed;
    auto vm = image_->fork(fork);
    if (!vm) return std::unexpected(vm.error());
    vm_ = std::move(*vm);
    auto started = vm_->start(handler->script, {"handlers", handler->entry}, {*input});
    if (!started) {
      const bool is_missing = started.error().starts_with("there is no function");
      return std::unexpected(project_.path + ": handlers." + name + ": " + started.error() +
                             (is_missing ? "; does the script return {handlers = {...}}?" : ""));
    }
    return {};
  }

  std::expected<void, std::string> thaw() {
    std::string bytes;
    std::string message;
    const std::string path = *options_.state == "-" ? "" : *options_.state;
    if (!process_host().read_file(path, bytes, message)) return std::unexpected(message);
    if (auto done = thaw_state(bytes); !done) {
      return std::unexpected("cannot resume " + *options_.state + ": " + done.error());
    }
    return answer();
  }

  int run() {
    const project::SessionReport report =
        project::run_session(project_, *vm_, options_.dehydrate_after);
    switch (report.end) {
      case SessionEnd::Finished:
        return show_result(report.result);
      case SessionEnd::Failed:
        std::fprintf(stderr, "moonlet: the script failed: %s\n", report.message.c_str());
        return kScriptFailed;
      case SessionEnd::Frozen:
        return write_state("dehydrated", kDone);
      case SessionEnd::Waiting:
        return wait();
    }
    return kBadRequest;
  }

 private:
  std::expected<void, std::string> compile() {
    auto image = project::compile_project(*engine_, project_, host_);
    if (!image) return std::unexpected(image.error());
    image_ = std::move(*image);
    return {};
  }

  std::expected<void, std::string> thaw_state(const std::string& state) {
    auto hash = Vm::image_hash(state);
    if (!hash) return std::unexpected(hash.error());
    if (auto done = find_image(*hash); !done) return done;
    auto vm = Vm::thaw(*image_, state, fork_options());
    if (!vm) return std::unexpected(vm.error());
    vm_ = std::move(*vm);
    return {};
  }

  // As it was kept, or else as the scripts make it, if they are still the same.
  std::expected<void, std::string> find_image(const std::string& hash) {
    auto kept = images_->find(hash);
    if (kept) {
      image_ = std::move(*kept);
      return {};
    }
    auto done = compile();
    if (!done) {
      return std::unexpected(kept.error() + ", and the project does not compile: " + done.error());
    }
    if (image_->hash() == hash) return {};
    return std::unexpected(kept.error() + ", and the project's scripts are others by now (image " +
                           image_->hash() + "); bring the old ones back, or name the folder that " +
                           "has their image with --images");
  }

  // A state is of use only with its image. The folder that nobody asked for may fail to be there.
  std::expected<void, std::string> keep_image() {
    auto done = images_->add(*image_);
    if (done || options_.images) return done;
    std::fprintf(stderr, "moonlet: this state needs the scripts as they are now: %s\n",
                 done.error().c_str());
    return {};
  }

  ForkOptions fork_options() {
    ForkOptions options;
    options.host = &host_;
    options.config = project_.config;
    options.limits = project_.limits;
    return options;
  }

  std::string unknown_handler(const std::string& name) const {
    if (project_.handlers.empty()) return project_.path + " has no \"handlers\"";
    std::string text = project_.path + " has no handler \"" + name + "\"; it has:";
    for (const project::Handler& handler : project_.handlers) text += " " + handler.name;
    return text;
  }

  // What --result and --error say.
  std::expected<void, std::string> answer() {
    if (!options_.result && !options_.error) return {};
    if (vm_->pending() == nullptr) {
      return std::unexpected("this state waits for no answer; leave out --result and --error");
    }
    const CommandId id = vm_->pending()->id;
    if (options_.error) return vm_->resume_with_error(id, Value(*options_.error));
    auto value = read_json("--result", *options_.result);
    if (!value) return std::unexpected(value.error());
    return vm_->resume(id, {*value});
  }

  static int show_result(const Value& result) {
    auto text = to_json(result, JsonLayout::Indented);
    if (!text) {
      std::fprintf(stderr, "moonlet: the result cannot be written as JSON: %s\n",
                   text.error().c_str());
      return kScriptFailed;
    }
    if (std::printf("%s\n", text->c_str()) < 0 || std::fflush(stdout) != 0) {
      return refuse("cannot write the result: " + os::error_text(errno));
    }
    return kDone;
  }

  int wait() {
    const Command& command = *vm_->pending();
    const std::string what =
        "waits for the answer to " + command.name + " (" + command.id.text() + ")";
    if (!options_.state) {
      return refuse(what + ", which no program gives; name a file with --state to keep it");
    }
    return write_state(what, kWaiting);
  }

  int write_state(const std::string& what, int code) {
    auto bytes = vm_->freeze();
    if (!bytes) {
      std::fprintf(stderr, "moonlet: cannot freeze the program: %s\n", bytes.error().c_str());
      return kScriptFailed;
    }
    if (auto done = keep_image(); !done) return refuse(done.error());
    const std::string& path = *options_.state;
    if (path == "-") {
      const std::size_t written = std::fwrite(bytes->data(), 1, bytes->size(), stdout);
      if (written != bytes->size() || std::fflush(stdout) != 0) {
        return refuse("cannot write the state to the standard output: " + os::error_text(errno));
      }
    } else if (const int error = os::replace_file(path, *bytes); error != 0) {
      return refuse("cannot write " + path + ": " + os::error_text(error));
    }
    std::fprintf(stderr, "moonlet: %s; %zu bytes of state in %s\n", what.c_str(), bytes->size(),
                 path == "-" ? "the standard output" : path.c_str());
    return code;
  }

  ProjectOptions options_;
  project::Project project_;
  project::ScriptHost host_;
  std::optional<Engine> engine_;
  std::optional<ImageStore> images_;
  std::optional<Image> image_;
  std::optional<Vm> vm_;
};

}  // namespace

int run_command(const std::vector<std::string>& words, std::size_t first) {
  auto options = parse(words, first);
  if (!options) return refuse(options.error() + "; see moonlet run --help");
  if (options->shows_help) {
    std::printf("%s%s", kRunHelp, kExitCodes);
    return kDone;
  }
  if (options->plain.size() < 2 || options->plain.size() > 3) {
    return refuse("run takes PROJECT HANDLER [INPUT]; see moonlet run --help");
  }
  if (options->result || options->error) {
    return refuse("--result and --error are for moonlet resume; see moonlet run --help");
  }
  if (options->dehydrate_after && !options->state) {
    return refuse("--dehydrate-after needs --state, the file that the state goes to");
  }
  Runner runner(std::move(*options));
  if (auto done = runner.load(); !done) return refuse(done.error());
  if (auto done = runner.start(); !done) return refuse(done.error());
  return runner.run();
}

int resume_command(const std::vector<std::string>& words, std::size_t first) {
  auto options = parse(words, first);
  if (!options) return refuse(options.error() + "; see moonlet resume --help");
  if (options->shows_help) {
    std::printf("%s%s", kResumeHelp, kExitCodes);
    return kDone;
  }
  if (options->id || options->seed) {
    return refuse("--id and --seed are part of the state; leave them out");
  }
  if (options->plain.size() != 1 || !options->state) {
    return refuse("resume takes PROJECT --state PATH; see moonlet resume --help");
  }
  if (options->result && options->error) {
    return refuse("an answer is --result or --error, not both; see moonlet resume --help");
  }
  Runner runner(std::move(*options));
  if (auto done = runner.load(); !done) return refuse(done.error());
  if (auto done = runner.thaw(); !done) return refuse(done.error());
  return runner.run();
}

}  // namespace moonlet::cli
