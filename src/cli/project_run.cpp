#include "cli/project_run.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/os/file.hpp"
#include "base/os/subprocess.hpp"
#include "project/config.hpp"
#include "project/nearest_name.hpp"

namespace moonlet::cli {

namespace os = base::os;
using project::SessionEnd;

namespace {

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShownMax = 10;
  std::string text;
  for (std::size_t n = 0; n < std::min(names.size(), kShownMax); ++n) text += " " + names[n];
  if (names.size() > kShownMax) text += " ...";
  return text;
}

std::string below(const std::string& folder, const std::string& path) {
  return path.starts_with("/") || folder == "." ? path : folder + "/" + path;
}

}  // namespace

std::string utc_text(double seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(static_cast<std::int64_t>(std::ceil(seconds)))};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::expected<project::Project, std::string> open_project(const std::string& path) {
  auto loaded = project::load_project(path);
  const std::vector<std::string>& notes = loaded ? loaded->notes : loaded.error().notes;
  for (const std::string& note : notes) std::fprintf(stderr, "moonlet: note: %s\n", note.c_str());
  if (loaded) return std::move(*loaded);
  const std::vector<std::string>& errors = loaded.error().errors;
  for (std::size_t n = 0; n + 1 < errors.size(); ++n) {
    std::fprintf(stderr, "moonlet: %s\n", errors[n].c_str());
  }
  return std::unexpected(errors.back());
}

std::expected<Value, std::string> read_json(const std::string& what, const std::string& text) {
  if (!text.starts_with("@") && text != "-") {
    auto value = parse_json(text);
    if (value) return std::move(*value);
    const project::TextPlace at = project::place_of_byte(text, value.error().byte);
    return std::unexpected(what + " is no JSON: line " + std::to_string(at.line) + ", column " +
                           std::to_string(at.column) + ": " + value.error().what);
  }
  std::string contents;
  std::string message;
  const std::string path = text == "-" ? "" : text.substr(1);
  if (!process_host().read_file(path, contents, message)) {
    return std::unexpected(what + ": " + message);
  }
  auto value = project::read_json_text((path.empty() ? "standard input" : path) + ":", contents);
  if (value) return std::move(*value);
  return std::unexpected(what + " is no JSON: " + value.error());
}

std::unique_ptr<store::StateStore> open_store(const project::Project& project,
                                              const std::optional<std::string>& path) {
  if (path) {
    if (*path == "-") return store::make_stream_store();
    std::error_code error;
    const bool is_folder = path->ends_with("/") || std::filesystem::is_directory(*path, error);
    return is_folder ? store::make_folder_store(*path) : store::make_file_store(*path);
  }
  const project::StatePlace& state = project.state;
  switch (state.backend) {
    case project::StateBackend::None:
      return nullptr;
    case project::StateBackend::File:
      return store::make_file_store(below(project.folder, state.path));
    case project::StateBackend::Folder:
      return store::make_folder_store(below(project.folder, state.path));
    case project::StateBackend::Commands:
      return store::make_command_store(
          {state.put, state.get, state.list, state.lock, project.folder, state.timeout_ms});
  }
  return nullptr;
}

std::expected<Engine, std::string> shared_engine() {
  static const std::expected<Engine, std::string> engine = Engine::make();
  return engine;
}

project::ScriptHost& shared_host() {
  static project::ScriptHost host;
  return host;
}

std::expected<void, std::string> ProjectRun::load(const std::string& path) {
  calls_max_ = number_of(arguments_, "--dehydrate-after");
  timeout_ms_ = number_of(arguments_, "--timeout");
  auto project = open_project(path);
  if (!project) return std::unexpected(project.error());
  project_ = std::move(*project);
  auto config = project::layered_config(
      project_, {arguments_.values("--config-overlay"), arguments_.values("--set")});
  if (!config) return std::unexpected(config.error());
  config_ = std::move(*config);
  store_ = open_store(project_, arguments_.value("--state"));
  auto engine = shared_engine();
  if (!engine) return std::unexpected(engine.error());
  images_.emplace(*engine,
                  arguments_.value("--images").value_or(project_.folder + "/.moonlet/images"));
  return {};
}

std::expected<void, std::string> ProjectRun::compile() {
  auto engine = shared_engine();
  if (!engine) return std::unexpected(engine.error());
  auto image = project::compile_project(*engine, project_, shared_host());
  if (!image) return std::unexpected(image.error());
  image_ = std::move(*image);
  return {};
}

ForkOptions ProjectRun::fork_options() {
  ForkOptions options;
  options.host = &shared_host();
  options.config = config_;
  options.limits = project_.limits;
  return options;
}

std::expected<void, std::string> ProjectRun::start(const std::string& name,
                                                   const std::string& input_text,
                                                   std::optional<Vm>& kept) {
  const project::Handler* handler = project_.find_handler(name);
  if (handler == nullptr) {
    return std::unexpected(
        project_.path() + " has no " +
        (project_.handlers.empty() ? "\"handlers\"" : "handler \"" + name + "\"") +
        project::hint_for(name, project_.handler_names()));
  }
  if (!calls_max_ && handler->dehydrate_after && writes_states_) {
    calls_max_ = handler->dehydrate_after;
    if (store_ == nullptr) {
      return std::unexpected(project_.document.place({"handlers", name, "dehydrateAfter"}) +
                             " needs a place for the state: \"state\" in the project, or --state");
    }
  }
  if (const auto id = arguments_.value("--id")) {
    if (auto problem = store::problem_with_name(*id); !problem.empty()) {
      return std::unexpected("--id: " + problem);
    }
  }
  auto input = read_json("INPUT", input_text);
  if (!input) return std::unexpected(input.error());
  if (auto done = compile(); !done) return done;
  if (auto done = make_vm(kept); !done) return done;
  state_name_ = vm_->id();
  auto started = vm_->start(handler->script, {"handlers", handler->entry}, {*input});
  if (started) return {};
  const bool is_missing = started.error().starts_with("there is no function");
  return std::unexpected(project_.document.place({"handlers", name}, project::PlaceOf::Name) +
                         " is not there: " + started.error() +
                         (is_missing ? "; does the script return {handlers = {...}}?" : ""));
}

std::expected<void, std::string> ProjectRun::make_vm(std::optional<Vm>& kept) {
  if (kept) {
    auto upgraded = kept->upgrade(*image_);
    if (upgraded) {
      vm_ = std::exchange(kept, std::nullopt);
      return {};
    }
    std::fprintf(stderr, "moonlet: note: the variables of the scripts begin anew: %s\n",
                 upgraded.error().message.c_str());
  }
  ForkOptions fork = fork_options();
  fork.id = arguments_.value("--id").value_or("");
  fork.seed = number_of(arguments_, "--seed");
  auto vm = image_->fork(fork);
  if (!vm) return std::unexpected(vm.error());
  vm_ = std::move(*vm);
  return {};
}

std::optional<Vm> ProjectRun::take_vm() {
  if (!vm_ || vm_->pending() != nullptr) return std::nullopt;
  return std::exchange(vm_, std::nullopt);
}

// Of a store with many states, the one that --id names, or the only one.
std::expected<void, std::string> ProjectRun::choose_state() {
  if (store_ == nullptr) {
    return std::unexpected(
        "where is the state? Name it with --state, or in the project's \"state\"");
  }
  if (store_->holds_one()) return {};
  if (const auto id = arguments_.value("--id")) {
    state_name_ = *id;
    return {};
  }
  auto names = store_->list();
  if (!names) return std::unexpected(names.error() + "; name the state with --id");
  if (names->empty()) return std::unexpected("there is no state in " + store_->place_of("*"));
  if (names->size() > 1) {
    return std::unexpected("there are several states; name one with --id:" + listed(*names));
  }
  state_name_ = names->front();
  return {};
}

std::expected<void, std::string> ProjectRun::thaw(const char* verb) {
  if (auto done = choose_state(); !done) return done;
  return thaw_chosen(verb);
}

std::expected<void, std::string> ProjectRun::take_over() {
  if (auto done = choose_state(); !done) return done;
  auto lock = store_->lock(state_name_);
  if (!lock) return std::unexpected(lock.error());
  lock_ = std::move(*lock);
  return thaw_chosen("resume");
}

std::expected<void, std::string> ProjectRun::thaw_chosen(const char* verb) {
  auto bytes = store_->get(state_name_);
  if (!bytes) return std::unexpected(bytes.error());
  state_ = std::move(*bytes);
  const std::string what =
      arguments_.value("--state").value_or(state_name_.empty() ? "the state" : state_name_);
  const auto wrong = [&](const std::string& why) {
    return std::unexpected("cannot " + std::string(verb) + " " + what + ": " + why);
  };
  auto hash = Vm::image_hash(state_);
  if (!hash) return wrong(hash.error());
  if (auto done = find_image(*hash); !done) return wrong(done.error());
  auto vm = Vm::thaw(*image_, state_, fork_options());
  if (!vm) return wrong(vm.error());
  vm_ = std::move(*vm);
  return {};
}

// As it was kept, or else as the scripts make it, if they are still the same.
std::expected<void, std::string> ProjectRun::find_image(const std::string& hash) {
  auto kept = images_->find(hash);
  if (kept) {
    image_ = std::move(*kept);
    return {};
  }
  if (auto done = compile(); !done) {
    return std::unexpected(kept.error() + ", and the project does not compile: " + done.error());
  }
  if (image_->hash() == hash) return {};
  return std::unexpected(kept.error() + ", and the project's scripts are others by now (image " +
                         image_->hash() + "); bring the old ones back, or name the folder that " +
                         "has their image with --images");
}

// A state is of use only with its image. The folder that nobody asked for may fail to be there.
std::expected<void, std::string> ProjectRun::keep_image() {
  auto done = images_->add(*image_);
  if (done || arguments_.has("--images")) return done;
  std::fprintf(stderr, "moonlet: this state needs the scripts as they are now: %s\n",
               done.error().c_str());
  return {};
}

std::expected<void, std::string> ProjectRun::answer() {
  const auto result = arguments_.value("--result");
  const auto error = arguments_.value("--error");
  const auto id = arguments_.value("--command");
  if (!result && !error && !id) return {};
  if (project::waits_for(project_, *vm_).empty()) {
    return std::unexpected("this state waits for no answer; leave out --result and --error");
  }
  if (error) return project::answer_from_outside(project_, *vm_, std::unexpected(*error), id);
  auto value = read_json("--result", *result);
  if (!value) return std::unexpected(value.error());
  return project::answer_from_outside(project_, *vm_, *value, id);
}

int ProjectRun::run() {
  os::end_programs_with_us();
  project::ProjectResponder responder(project_, config_);
  const project::SessionReport report = project::run_session(
      project_, *vm_, responder, {calls_max_, timeout_ms_, number_of(arguments_, "--sleep-max")});
  switch (report.end) {
    case SessionEnd::Finished:
      return show_result(report.result);
    case SessionEnd::Failed:
      std::fprintf(stderr, "moonlet: the script failed: %s\n", report.message.c_str());
      if (!report.traceback.empty()) std::fprintf(stderr, "%s\n", report.traceback.c_str());
      return kScriptFailed;
    case SessionEnd::Frozen:
      return write_state("dehydrated", kDone);
    case SessionEnd::Waiting:
      return wait();
    case SessionEnd::Sleeping:
      return wait_for_time(report.until);
  }
  return kBadRequest;
}

int ProjectRun::show_result(const Value& result) const {
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

int ProjectRun::wait() {
  constexpr std::size_t kNamedMax = 5;
  const auto awaited = project::waits_for(project_, *vm_);
  std::string what = "waits for the answer to ";
  for (std::size_t n = 0; n < std::min(awaited.size(), kNamedMax); ++n) {
    what += (n > 0 ? ", " : "") + awaited[n].name + " (" + awaited[n].id + ")";
  }
  if (awaited.size() > kNamedMax) {
    what += " and " + std::to_string(awaited.size() - kNamedMax) + " more";
  }
  return leave(what, ", which no program gives");
}

int ProjectRun::wait_for_time(double until) {
  return leave("sleeps until " + utc_text(until), ", longer than --sleep-max");
}

int ProjectRun::leave(const std::string& what, const char* why) {
  if (!writes_states_) return refuse(what);
  if (store_ == nullptr) return refuse(what + why + "; name a file with --state to keep it");
  return write_state(what, kWaiting);
}

int ProjectRun::write_state(const std::string& what, int code) {
  auto bytes = vm_->freeze();
  if (!bytes) {
    std::fprintf(stderr, "moonlet: cannot freeze the program: %s\n", bytes.error().c_str());
    return kScriptFailed;
  }
  if (auto done = keep_image(); !done) return refuse(done.error());
  if (auto done = store_->put(state_name_, *bytes); !done) return refuse(done.error());
  std::fprintf(stderr, "moonlet: %s; %zu bytes of state in %s\n", what.c_str(), bytes->size(),
               store_->place_of(state_name_).c_str());
  return code;
}

}  // namespace moonlet::cli
