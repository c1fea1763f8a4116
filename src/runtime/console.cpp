#include "moonlet/runtime/console.hpp"

#include <charconv>
#include <string_view>
#include <thread>
#include <utility>

#include "base/os/local_lines.hpp"
#include "moonlet/json.hpp"

namespace moonlet::runtime {

namespace os = base::os;

namespace {

using Answer = std::expected<std::string, std::string>;

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return word;
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string line(std::string_view name, std::uint64_t number) {
  return std::string(name) + " " + std::to_string(number) + "\n";
}

// "| " before each line of what was asked for, then how it went.
std::string framed(const Answer& answer) {
  if (!answer) {
    std::string why = answer.error();
    for (char& c : why) {
      if (c == '\n') c = ' ';
    }
    return "! " + why + "\n";
  }
  std::string text;
  std::string_view rest = *answer;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    text.append("| ").append(rest.substr(0, end)).append("\n");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return text + "ok\n";
}

// ---- Looking at one Vm.

constexpr std::size_t kFramesMax = 100;

std::string picture_of(const Vm& vm) {
  const Usage usage = vm.usage();
  std::string text = "id " + vm.id() + "\n";
  text += line("memory", usage.memory_bytes) + line("fuel", usage.fuel);
  if (const Command* command = vm.pending()) text += "waits for " + command->name + "\n";
  for (const StackFrame& frame : vm.stack(kFramesMax)) {
    text += frame.source + (frame.line > 0 ? ":" + std::to_string(frame.line) : "") + ": in " +
            frame.function + "\n";
    for (const StackVariable& local : frame.locals) {
      text += "    " + local.name + " = " + local.text + "\n";
    }
  }
  return text;
}

std::string text_of(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) {
    const auto json = to_json(value);
    text += (json ? *json : "(" + json.error() + ")") + "\n";
  }
  return text;
}

// In a Vm that nobody else uses and no call is under way in.
Answer evaluate(Vm& vm, std::string_view code, std::uint64_t fuel) {
  const auto started = vm.start(sources_module().name, {"evaluate"}, {Value(std::string(code))});
  if (!started) {
    return std::unexpected(started.error() +
                           "; code is evaluated in images that have sources_module()");
  }
  const std::uint64_t end = vm.usage().fuel + fuel;
  for (;;) {
    const std::uint64_t used = vm.usage().fuel;
    Outcome outcome = vm.run({.fuel = end - std::min(used, end)});
    if (auto* finished = std::get_if<Finished>(&outcome)) return text_of(finished->values);
    if (const Failed* failed = error_of(outcome)) {
      static_cast<void>(vm.cancel());
      return std::unexpected(failed->message);
    }
    const auto* suspended = std::get_if<Suspended>(&outcome);
    if (suspended == nullptr) {
      static_cast<void>(vm.cancel());
      return std::unexpected("it was stopped after " + std::to_string(fuel) + " units of fuel");
    }
    const Command& command = suspended->command;
    const bool is_told = command.kind == CommandKind::Log || command.kind == CommandKind::Emit;
    const auto answered =
        is_told
            ? vm.resume(command.id, {})
            : vm.resume_with_error(
                  command.id, Value(command.name + ": nobody answers what a console evaluates"));
    if (!answered) return std::unexpected(answered.error());
  }
}

// In a copy, in the middle of whose call nothing else happens.
Answer evaluate_copy(Vm& copy, std::string_view code, std::uint64_t fuel) {
  if (auto done = copy.cancel(); !done) return std::unexpected(done.error());
  return evaluate(copy, code, fuel);
}

}  // namespace

struct Console::Content {
  ConsoleOptions options;
  os::LineServer server;
  std::thread thread;

  Content(ConsoleOptions the_options, os::LineServer the_server)
      : options(std::move(the_options)), server(std::move(the_server)) {
    thread = std::thread([this] {
      server.serve([this](std::string_view request) { return framed(answer(request)); });
    });
  }
  ~Content() {
    server.stop();
    thread.join();
  }

  Answer answer(std::string_view request);
  Answer help() const;
  Answer stats() const;
  Answer list() const;
  Answer profile(std::string_view rest) const;
  Answer kill(std::string_view name) const;
  // Calls `look` with the Vm of this name while it does not run. `is_own`: no call is under way.
  using Look = std::function<Answer(Vm&, bool is_own)>;
  Answer with(std::string_view name, const Look& look) const;
};

namespace {

struct Named {
  std::string_view kind;
  std::string name;
};

Named named(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {};
  return {name.substr(0, colon), std::string(name.substr(colon + 1))};
}

std::unexpected<std::string> none_such(std::string_view name) {
  return std::unexpected("there is no " + (name.empty() ? "name" : std::string(name)) +
                         "; `list` shows job:N, pinned:NAME and program:ID");
}

}  // namespace

Answer Console::Content::with(std::string_view name, const Look& look) const {
  const Named what = named(name);
  Answer result = none_such(name);
  const auto take = [&](bool is_own) {
    return [&result, &look, is_own](Vm& vm) { result = look(vm, is_own); };
  };
  if (what.kind == "program" && options.scheduler != nullptr) {
    options.scheduler->with_program(what.name, take(false));
  } else if (what.kind == "job" && options.runner != nullptr) {
    const auto id = number_in<JobId>(what.name);
    if (id) options.runner->with_job(*id, take(false));
  } else if (what.kind == "pinned" && options.runner != nullptr) {
    if (!options.runner->with_pinned(what.name, take(true))) {
      for (const std::string& pinned : options.runner->pinned()) {
        if (pinned == what.name) {
          return std::unexpected(std::string(name) + " is in use by a job; look at that");
        }
      }
    }
  }
  return result;
}

Answer Console::Content::help() const {
  std::string text =
      "stats               counts of all that happened\n"
      "list                jobs, pinned Vms and programs by their names\n"
      "show NAME           where it stands, with variables; what it has used\n"
      "eval NAME CODE      a pinned Vm evaluates it itself, of others a copy\n"
      "kill NAME           ends a job or a program\n"
      "profile start [HZ]  begins to take samples (100 a second)\n"
      "profile stop        the samples as folded stacks\n"
      "help                this\n";
  for (const ConsoleCommand& command : options.commands) {
    text += command.name +
            std::string(command.name.size() < 19 ? 20 - command.name.size() : 1, ' ') +
            command.help + "\n";
  }
  return text;
}

Answer Console::Content::stats() const {
  std::string text;
  if (options.runner != nullptr) {
    const RunnerStats stats = options.runner->stats();
    text += line("jobs.accepted", stats.accepted) + line("jobs.rejected", stats.rejected) +
            line("jobs.outstanding", stats.outstanding) + line("jobs.turns", stats.turns) +
            line("jobs.forks", stats.forks) + line("jobs.collections", stats.collections);
    for (std::size_t n = 0; n < std::size(stats.ended); ++n) {
      text += line(std::string("jobs.ended: ") + runtime::text_of(static_cast<JobEnd>(n)),
                   stats.ended[n]);
    }
  }
  if (options.scheduler != nullptr) {
    const SchedulerStats stats = options.scheduler->stats();
    text += line("programs", stats.programs) + line("programs.ready", stats.ready) +
            line("programs.added", stats.added) + line("programs.ended", stats.ended) +
            line("programs.turns", stats.turns) + line("programs.fuel", stats.fuel) +
            line("messages", stats.messages) + line("messages.refused", stats.messages_refused);
  }
  return text;
}

Answer Console::Content::list() const {
  std::string text;
  std::size_t lines = 0;
  const auto add = [&](const std::string& what) {
    if (lines++ < options.lines_max) text += what + "\n";
  };
  if (options.runner != nullptr) {
    for (const std::string& name : options.runner->pinned()) add("pinned:" + name);
    for (const JobState& job : options.runner->jobs()) {
      add("job:" + std::to_string(job.id) + " " + job.state);
    }
  }
  if (options.scheduler != nullptr) {
    static constexpr const char* kStates[] = {"ready", "running", "waiting"};
    for (const ProgramInfo& info : options.scheduler->programs()) {
      add("program:" + info.id + " " + kStates[static_cast<int>(info.state)] +
          (info.waits_for.empty() ? "" : " in " + info.waits_for) +
          (info.owner.empty() ? "" : ", of " + info.owner) + ", " +
          std::to_string(info.mailbox_size) + " messages, fuel " + std::to_string(info.fuel));
    }
  }
  if (lines > options.lines_max) {
    text += "and " + std::to_string(lines - options.lines_max) + " more\n";
  }
  return text;
}

Answer Console::Content::profile(std::string_view rest) const {
  const std::string_view what = next_word(rest);
  if (what == "start") {
    const auto hz = rest.empty() ? 100 : number_in<unsigned>(rest);
    if (!hz || *hz < 1 || *hz > 10'000) {
      return std::unexpected("samples a second are a number from 1 to 10000");
    }
    if (options.runner != nullptr) options.runner->begin_profile(*hz);
    if (options.scheduler != nullptr) options.scheduler->begin_profile(*hz);
    return "";
  }
  if (what != "stop") return std::unexpected("profile start [HZ], or profile stop");
  std::string text;
  if (options.runner != nullptr) text += options.runner->end_profile();
  if (options.scheduler != nullptr) text += options.scheduler->end_profile();
  return text;
}

Answer Console::Content::kill(std::string_view name) const {
  const Named what = named(name);
  if (what.kind == "program" && options.scheduler != nullptr &&
      options.scheduler->kill(what.name)) {
    return "";
  }
  if (what.kind == "job" && options.runner != nullptr) {
    const auto id = number_in<JobId>(what.name);
    if (id && options.runner->cancel(*id)) return "";
  }
  if (what.kind == "pinned") return std::unexpected("what is pinned is the host's to take away");
  return none_such(name);
}

Answer Console::Content::answer(std::string_view request) {
  std::string_view rest = request;
  const std::string_view word = next_word(rest);
  if (word.empty()) return "";
  for (const ConsoleCommand& command : options.commands) {
    if (command.name == word) return command.run(std::string(rest));
  }
  if (word == "help") return help();
  if (word == "stats") return stats();
  if (word == "list") return list();
  if (word == "profile") return profile(rest);
  const std::string_view name = next_word(rest);
  if (word == "kill") return kill(name);
  if (word == "show") {
    return with(name, [](Vm& vm, bool) -> Answer { return picture_of(vm); });
  }
  if (word != "eval") {
    return std::unexpected("there is no command " + std::string(word) + "; try help");
  }
  if (rest.empty()) return std::unexpected("eval NAME CODE");
  // A copy is made while the original stands, and used while that goes on.
  std::optional<Vm> copy;
  Answer result = with(name, [&](Vm& vm, bool is_own) -> Answer {
    if (is_own) return evaluate(vm, rest, options.evaluation_fuel);
    auto made = vm.fork();
    if (!made) return std::unexpected(made.error());
    copy.emplace(std::move(*made));
    return "";
  });
  return copy ? evaluate_copy(*copy, rest, options.evaluation_fuel) : result;
}

Console::Console(std::unique_ptr<Content> content) : content_(std::move(content)) {}
Console::Console(Console&&) noexcept = default;
Console::~Console() = default;

std::expected<Console, std::string> Console::open(const std::string& path, ConsoleOptions options) {
  os::LineServerOptions bounds;
  bounds.line_bytes_max = options.line_bytes_max;
  bounds.clients_max = options.clients_max;
  auto server = os::LineServer::open(path, bounds);
  if (!server) {
    return std::unexpected("cannot listen at " + path + ": " + os::error_text(server.error()));
  }
  return Console(std::make_unique<Content>(std::move(options), std::move(*server)));
}

}  // namespace moonlet::runtime
