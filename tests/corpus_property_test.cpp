// The language corpus under random operations: whatever is done to a program at whatever safepoints
// (forked, frozen, sealed, branched, moved to another engine), it prints and returns what it does
// when it is left alone.
//
// MOONLET_PROPERTY_CASES    lists of operations tried on a program with a set of libraries (20)
// MOONLET_PROPERTY_SEED     where the lists begin (1)
// MOONLET_KEEP_STATES       a folder for all states that are made, and their images
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

// ---- Programs.

struct Program {
  std::string name;  // below tests/language
  std::string text;
  Value::Array arguments;
  std::string left_out;  // the reason why it does not run here, or ""
  bool is_random = false;
};

std::string corpus_folder() { return std::string(MOONLET_SOURCE_DIR) + "/tests/language/"; }

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What follows "-- name:" in the program.
std::optional<std::string> directive(const std::string& text, const std::string& name) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex("-- " + name + ":(.*)"))) return std::nullopt;
  return found[1].str();
}

std::string reason_against(const std::string& text) {
  static const std::regex files(R"(\bio\.(open|lines|popen|tmpfile|read|input|output)\b)");
  if (std::regex_search(text, files)) return "open files belong to the process";
  if (text.find("collectgarbage(\"count\")") != std::string::npos) {
    return "freezing collects, and what is sealed counts as the image's";
  }
  if (directive(text, "stdin")) return "reads the standard input";
  const auto modes = directive(text, "modes");
  if (modes && modes->find("trip") == std::string::npos) return "modes:" + *modes;
  return "";
}

Program read_program(const std::string& name) {
  Program program{name, read_text(corpus_folder() + name), {}, {}};
  program.left_out = reason_against(program.text);
  std::istringstream words(directive(program.text, "args").value_or(""));
  for (std::string word; words >> word;) program.arguments.emplace_back(word);
  // A fork gets a random sequence of its own.
  program.is_random = program.text.find("random") != std::string::npos;
  return program;
}

std::vector<std::string> program_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus_folder())) {
    if (entry.path().extension() != ".lua") continue;
    names.push_back(entry.path().string().substr(corpus_folder().size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// ---- Running one.

// Remembers what is written; its time stands still.
class RecordingHost final : public Host {
 public:
  void write(std::string_view text) override { output += text; }
  void flush() override {}
  void warn(std::string_view text, bool) override { output += text; }
  std::int64_t time_seconds() override { return 1'000'000'000; }
  double clock_seconds() override { return 1.5; }
  std::uint64_t entropy() override { return 42; }

  std::string output;
};

constexpr char kDriver[] = R"(
return {run = function(text, name, arguments)
  arg = arguments
  local chunk, message = load(text, name)
  if not chunk then return false, message end
  return xpcall(chunk, debug and debug.traceback or tostring, table.unpack(arguments))
end})";

const Engine& engine(std::size_t number) {
  static const Engine engines[] = {*Engine::make(), *Engine::make()};
  return engines[number];
}

Image compile_driver(LibrarySet libraries) {
  ImageOptions options;
  options.libraries.set = libraries;
  options.sources = {{"driver", kDriver, "driver"}};
  return *Image::compile(engine(0), options);
}

// With all libraries and with those of agents, whose tables forks share. What does not exist there
// ends a program early, which is as good as any other end.
const Image& driver(LibrarySet libraries) {
  static const Image safe = compile_driver(LibrarySet::Safe);
  static const Image all = compile_driver(LibrarySet::All);
  return libraries == LibrarySet::Safe ? safe : all;
}

std::string text_of(const std::vector<Value>& values) {
  return to_json(Value(Value::Array(values.begin(), values.end()))).value_or("(no JSON)");
}

void keep(const Image& image, const std::string& state) {
  static const char* const folder = std::getenv("MOONLET_KEEP_STATES");
  static int number = 0;
  if (folder == nullptr) return;
  const std::string path = std::string(folder) + "/";
  std::ofstream(path + image.hash() + ".image", std::ios::binary) << image.bytes();
  std::ofstream(path + std::to_string(++number) + ".state", std::ios::binary) << state;
}

// The error that ends a case.
struct Problem {
  std::string text;
};

template <typename T>
T checked(std::expected<T, std::string> result, const char* what) {
  if (!result) throw Problem{std::string(what) + ": " + result.error()};
  return std::move(*result);
}

// A program under way.
class Life {
 public:
  Life(const Program& program, LibrarySet libraries)
      : image_(driver(libraries)), vm_(begin(program)) {}

  // To the next safepoint. False: the program has ended, finalizers included.
  bool step() { return advance(1); }
  void finish() {
    while (advance(0)) {
    }
  }
  // What could be seen of it so far.
  std::string account() const { return host_->output + result_; }

  // ---- Operations. None of them may be noticed.
  void fork() { vm_ = checked(vm_.fork(options()), "fork"); }

  void freeze_and_thaw() {
    const std::string state = checked(vm_.freeze(), "freeze");
    keep(image_, state);
    if (checked(vm_.freeze(), "second freeze") != state)
      throw Problem{"freezing changes the state"};
    vm_ = checked(Vm::thaw(image_, state, options()), "thaw");
    if (checked(vm_.freeze(), "freeze of the thawed") != state) {
      throw Problem{"the thawed program has another state"};
    }
  }

  void rest() {
    const std::string state = checked(vm_.freeze(), "freeze");
    if (const auto done = vm_.rest(); !done) throw Problem{"rest: " + done.error()};
    if (!vm_.is_resting()) throw Problem{"a Vm at rest is awake"};
    if (checked(vm_.freeze(), "freeze at rest") != state) {
      throw Problem{"resting changes the state"};
    }
  }

  void seal_and_fork() {
    image_ = checked(vm_.seal(), "seal");
    vm_ = checked(image_.fork(options()), "fork of the sealed");
  }

  // Image and state as bytes.
  void move() {
    const std::string state = checked(vm_.freeze(), "freeze");
    keep(image_, state);
    engine_ = 1 - engine_;
    Image moved = checked(Image::load(engine(engine_), image_.bytes()), "load");
    if (moved.hash() != image_.hash() || moved.bytes() != image_.bytes()) {
      throw Problem{"the loaded image is another one"};
    }
    image_ = std::move(moved);
    vm_ = checked(Vm::thaw(image_, state, options()), "thaw in another engine");
  }

  // Another life from here.
  Life branch() {
    auto host = std::make_unique<RecordingHost>(*host_);
    ForkOptions their_options = options();
    their_options.host = host.get();
    return Life(*this, std::move(host), checked(vm_.fork(their_options), "branch"));
  }

 private:
  Life(const Life& parent, std::unique_ptr<RecordingHost> host, Vm vm)
      : host_(std::move(host)),
        engine_(parent.engine_),
        image_(parent.image_),
        vm_(std::move(vm)),
        is_closing_(parent.is_closing_),
        has_ended_(parent.has_ended_),
        result_(parent.result_) {}

  ForkOptions options() const {
    ForkOptions options;
    options.host = host_.get();
    options.id = "vm";
    options.seed = 7;
    return options;
  }

  Vm begin(const Program& program) {
    Vm vm = checked(image_.fork(options()), "fork");
    const std::string name = "@" + program.name;
    const auto started = vm.start("driver", {"run"}, {program.text, name, program.arguments});
    if (!started) throw Problem{started.error()};
    return vm;
  }

  bool advance(std::uint64_t trip_every) {
    if (has_ended_) return false;
    const Outcome outcome = vm_.run({.trip_every = trip_every});
    if (std::holds_alternative<Preempted>(outcome)) return true;
    note(outcome);
    has_ended_ = is_closing_ || !vm_.begin_close();
    is_closing_ = true;
    return !has_ended_;
  }

  void note(const Outcome& outcome) {
    if (const Finished* finished = std::get_if<Finished>(&outcome)) {
      result_ += "\nfinished: " + text_of(finished->values);
    } else if (const Failed* failed = error_of(outcome)) {
      result_ += "\nfailed: " + failed->message;
    } else if (const Exited* exited = std::get_if<Exited>(&outcome)) {
      result_ += "\nexited: " + std::to_string(exited->code);
    } else {
      result_ += "\noutcome " + std::to_string(outcome.index());
    }
  }

  std::unique_ptr<RecordingHost> host_ = std::make_unique<RecordingHost>();
  std::size_t engine_ = 0;
  Image image_;
  Vm vm_;
  bool is_closing_ = false;
  bool has_ended_ = false;
  std::string result_;
};

// ---- What is done to it.

enum class Operation : std::uint8_t { FreezeAndThaw, Move, Rest, Fork, Branch, SealAndFork };

struct Step {
  std::uint64_t safepoint;
  Operation operation;
  auto operator<=>(const Step&) const = default;
};

void showValue(const Step& step, std::ostream& out) {
  static constexpr const char* kNames[] = {
      "freeze and thaw", "move to another engine", "rest", "fork", "branch", "seal and fork"};
  out << "safepoint " << step.safepoint << ": " << kNames[static_cast<int>(step.operation)];
}

// Further on, a long program runs without stops.
constexpr std::uint64_t kSafepointsMax = 20'000;

struct Uninterrupted {
  std::string account;
  std::uint64_t safepoints = 0;
};

Uninterrupted run_alone(const Program& program, LibrarySet libraries) {
  Life life(program, libraries);
  life.finish();
  Life stepping(program, libraries);
  Uninterrupted alone{life.account(), 1};
  while (alone.safepoints < kSafepointsMax && stepping.step()) ++alone.safepoints;
  return alone;
}

// The accounts of the program and of all its branches.
std::vector<std::string> run_with(const Program& program, LibrarySet libraries,
                                  const std::vector<Step>& steps) {
  std::vector<Life> lives;
  lives.emplace_back(program, libraries);
  std::uint64_t at = 0;
  for (const Step& step : steps) {
    bool goes_on = true;
    while (goes_on && at < step.safepoint) {
      goes_on = lives[0].step();
      ++at;
    }
    if (!goes_on) break;
    switch (step.operation) {
      case Operation::FreezeAndThaw:
        lives[0].freeze_and_thaw();
        break;
      case Operation::Move:
        lives[0].move();
        break;
      case Operation::Rest:
        lives[0].rest();
        break;
      case Operation::Fork:
        lives[0].fork();
        break;
      case Operation::SealAndFork:
        lives[0].seal_and_fork();
        break;
      case Operation::Branch:
        lives.push_back(lives[0].branch());
        break;
    }
  }
  std::vector<std::string> accounts;
  for (Life& life : lives) {
    life.finish();
    accounts.push_back(life.account());
  }
  return accounts;
}

constexpr int kStepsMax = 6;

// Sizes are fixed, because rapidcheck would begin with the smallest numbers only.
rc::Gen<std::vector<Step>> steps_of(const Program& program, std::uint64_t safepoints) {
  const auto last = static_cast<int>(program.is_random ? Operation::Rest : Operation::SealAndFork);
  const auto one = rc::gen::apply(
      [](std::uint64_t safepoint, int operation) {
        return Step{safepoint, static_cast<Operation>(operation)};
      },
      rc::gen::inRange<std::uint64_t>(1, safepoints + 1), rc::gen::inRange(0, last + 1));
  return rc::gen::map(rc::gen::resize(kStepsMax, rc::gen::container<std::vector<Step>>(
                                                     rc::gen::resize(rc::kNominalSize, one))),
                      [](std::vector<Step> steps) {
                        std::sort(steps.begin(), steps.end());
                        return steps;
                      });
}

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void check(const Program& program, LibrarySet libraries) {
  const Uninterrupted alone = run_alone(program, libraries);
  rc::detail::TestParams params;
  params.seed = number_from_environment("MOONLET_PROPERTY_SEED", 1);
  params.maxSuccess = static_cast<int>(number_from_environment("MOONLET_PROPERTY_CASES", 20));
  const auto property = [&] {
    const std::vector<Step> steps = *steps_of(program, alone.safepoints);
    try {
      for (const std::string& account : run_with(program, libraries, steps)) {
        RC_ASSERT(account == alone.account);
      }
    } catch (const Problem& problem) {
      RC_FAIL(problem.text);
    }
  };
  const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params);
  if (result.is<rc::detail::SuccessResult>()) return;
  std::ostringstream text;
  rc::detail::printResultMessage(result, text);
  ADD_FAILURE() << "program " << program.name << ", seed " << params.seed
                << (libraries == LibrarySet::Safe ? ", libraries of agents\n" : "\n") << text.str();
}

class CorpusProperty : public testing::TestWithParam<std::string> {};

TEST_P(CorpusProperty, SurvivesWhatIsDoneToIt) {
  const Program program = read_program(GetParam());
  if (!program.left_out.empty()) GTEST_SKIP() << program.left_out;
  check(program, LibrarySet::All);
  check(program, LibrarySet::Safe);
}

INSTANTIATE_TEST_SUITE_P(Language, CorpusProperty, testing::ValuesIn(program_names()),
                         [](const testing::TestParamInfo<std::string>& test) {
                           std::string name = test.param.substr(0, test.param.size() - 4);
                           for (char& c : name) {
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace moonlet
