#include "cli/exec_options.hpp"

#include <charconv>
#include <span>
#include <string_view>

namespace moonlet::cli {

namespace {

class ExecParser {
 public:
  ExecParser(std::vector<std::string> words, std::size_t first) : at_(first) {
    options_.program = words.empty() || words[0].empty() ? "lua" : words[0];
    options_.words = std::move(words);
  }

  ExecOptions parse() {
    for (; at_ < options_.words.size(); ++at_) {
      const std::string& word = options_.words[at_];
      if (word.empty() || word[0] != '-' || word == "-") {
        options_.script = at_;
        break;
      }
      if (word == "--") {
        if (at_ + 1 < options_.words.size()) options_.script = at_ + 1;
        break;
      }
      if (!(word[1] == '-' ? take_test_aid(word) : take_option(word))) {
        options_.bad_option = word;
        break;
      }
    }
    return std::move(options_);
  }

  static std::string help_of_options() {
    std::string text;
    for (const Option& option : own_options()) text += option.help;
    return text;
  }

  static std::string help_of_test_aids() {
    std::string text;
    for (const Option& aid : test_aids()) text += aid.help;
    return text;
  }

 private:
  bool take_option(const std::string& word) {
    switch (word[1]) {
      case 'E':
        options_.ignores_environment = true;
        return word.size() == 2;
      case 'W':
        options_.actions.push_back({'W', {}});
        return word.size() == 2;
      case 'i':
        options_.converses = true;
        [[fallthrough]];
      case 'v':
        options_.shows_version = true;
        return word.size() == 2;
      case 'e':
        options_.has_code = true;
        [[fallthrough]];
      case 'l':
        return take_text(word);
      default:
        return false;
    }
  }

  bool take_text(const std::string& word) {
    if (word.size() > 2) {
      options_.actions.push_back({word[1], word.substr(2)});
      return true;
    }
    if (at_ + 1 == options_.words.size()) return false;
    const std::string& text = options_.words[at_ + 1];
    if (!text.empty() && text[0] == '-') return false;
    ++at_;
    options_.actions.push_back({word[1], text});
    return true;
  }

  template <typename Integer>
  bool take_number(Integer& number) {
    if (at_ + 1 == options_.words.size()) return false;
    const bool done = read_number(options_.words[at_ + 1], number);
    if (done) ++at_;
    return done;
  }

  template <typename Integer>
  static bool read_number(std::string_view text, Integer& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number > 0;
  }

  // What a word stands for, and its lines in the help.
  struct Option {
    std::string_view word;
    bool (ExecParser::*take)(const std::string& word);
    std::string_view help;
  };
  static std::span<const Option> own_options();
  static std::span<const Option> test_aids();

  bool take_test_aid(const std::string& word) {
    if (word == "--help") return options_.shows_help = true;
    for (const auto& options : {own_options(), test_aids()}) {
      for (const Option& option : options) {
        if (option.word == word) return (this->*option.take)(word);
      }
    }
    return false;
  }

  bool take_dialect(const std::string& word) {
    const std::string name = at_ + 1 < options_.words.size() ? options_.words[++at_] : "";
    if (name == "lua54") options_.dialect = Dialect::Lua54;
    if (name == "luau") options_.dialect = Dialect::Luau;
    return options_.dialect.has_value() || complain(word + " needs lua54 or luau");
  }

  bool take_no_sandbox(const std::string&) {
    options_.is_sandboxed = false;
    return true;
  }

  bool take_max_memory(const std::string& word) {
    return take_number(options_.memory_bytes_max) || complain(word + " needs a number of bytes");
  }

  bool take_max_stack(const std::string& word) {
    return take_number(options_.stack_slots_max) || complain(word + " needs a number of slots");
  }

  bool take_test_helpers(const std::string&) { return options_.has_test_helpers = true; }
  bool take_show_result(const std::string&) { return options_.shows_results = true; }

  bool take_trip_report(const std::string&) { return options_.reports_trips = true; }

  bool take_trip_dump(const std::string& word) {
    const bool has_folder = at_ + 1 < options_.words.size();
    if (has_folder) options_.dump_folder = options_.words[++at_];
    return has_folder || complain(word + " needs a folder");
  }

  bool take_stress(const std::string& word) {
    const bool has_kind = at_ + 1 < options_.words.size();
    return (has_kind && take_stress_kind(options_.words[++at_])) ||
           complain(word + " needs collect, fail-alloc=N or sweep");
  }

  bool take_trips(const std::string& word) {
    if (options_.trip_every != 0) return complain("trips can be asked for once only");
    options_.trips_to_processes = word == "--trip-process";
    return take_number(options_.trip_every) || complain(word + " needs a number of safepoints");
  }

  bool complain(std::string problem) {
    options_.problem = std::move(problem);
    return false;
  }

  bool take_stress_kind(std::string_view kind) {
    constexpr std::string_view kFail = "fail-alloc=";
    constexpr std::string_view kSweep = "sweep=";
    if (kind == "collect") return options_.collects_always = true;
    if (kind == "sweep") {
      options_.sweep_work = kSweepWork;
      return true;
    }
    if (kind.starts_with(kSweep)) {
      return read_number(kind.substr(kSweep.size()), options_.sweep_work);
    }
    return kind.starts_with(kFail) && read_failure(kind.substr(kFail.size()));
  }

  // N, NxCOUNT, or N+
  bool read_failure(std::string_view text) {
    if (text.ends_with('+')) {
      options_.failing_count = INT64_MAX;
      text.remove_suffix(1);
    } else if (const std::size_t times = text.find('x'); times != std::string_view::npos) {
      if (!read_number(text.substr(times + 1), options_.failing_count)) return false;
      text = text.substr(0, times);
    }
    return read_number(text, options_.failing_allocation);
  }

  ExecOptions options_;
  std::size_t at_;
};

std::span<const ExecParser::Option> ExecParser::own_options() {
  static constexpr Option kOptions[] = {
      {"--dialect", &ExecParser::take_dialect,
       "  --dialect lua54|luau      the language; else a script that ends in .luau is Luau\n"},
      {"--no-sandbox", &ExecParser::take_no_sandbox,
       "  --no-sandbox              lets scripts of Luau change the library, and _G be their "
       "globals\n"},
      {"--show-result", &ExecParser::take_show_result,
       "  --show-result             print what the script returns\n"},
      {"--max-memory", &ExecParser::take_max_memory,
       "  --max-memory BYTES        what the program may occupy\n"},
      {"--max-stack", &ExecParser::take_max_stack,
       "  --max-stack SLOTS         what the stack of a coroutine may hold, else 200,000\n"},
  };
  return kOptions;
}

std::span<const ExecParser::Option> ExecParser::test_aids() {
  static constexpr Option kAids[] = {
      {"--trip-every", &ExecParser::take_trips,
       "  --trip-every N            freeze, drop and thaw the program at every N-th safepoint\n"},
      {"--trip-process", &ExecParser::take_trips,
       "  --trip-process N          the same, and each time it goes on in another process\n"},
      {"--trip-report", &ExecParser::take_trip_report,
       "  --trip-report             say on standard error what the trips were\n"},
      {"--trip-dump", &ExecParser::take_trip_dump,
       "  --trip-dump DIR           write the state of each trip to a file, with a clock that "
       "stands\n"
       "                            still, so that the files of two runs can be compared\n"},
      {"--luau-test-helpers", &ExecParser::take_test_helpers,
       "  --luau-test-helpers       functions that Luau's conformance scripts call\n"},
      {"--stress", &ExecParser::take_stress,
       "  --stress collect          collect in full wherever the collector may run\n"
       "  --stress fail-alloc=N     the N-th allocation fails; NxK: K from there on; N+: all\n"
       "  --stress sweep[=WORK]     runs the program anew for each allocation that may fail\n"},
  };
  return kAids;
}

}  // namespace

ExecOptions parse_exec(std::vector<std::string> words, std::size_t first) {
  return ExecParser(std::move(words), first).parse();
}

Dialect dialect_of(const ExecOptions& options) {
  if (options.dialect) return *options.dialect;
  return options.script ? dialect_of_file(options.words[*options.script]) : Dialect::Lua54;
}

std::string exec_usage(const std::string& program) {
  return "usage: " + program +
         " [options] [script [args]]\n"
         "Available options are:\n"
         "  -e stat   execute string 'stat'\n"
         "  -i        enter interactive mode after executing 'script'\n"
         "  -l mod    require library 'mod' into global 'mod'\n"
         "  -l g=mod  require library 'mod' into global 'g'\n"
         "  -v        show version information\n"
         "  -E        ignore environment variables\n"
         "  -W        turn warnings on\n"
         "  --        stop handling options\n"
         "  -         stop handling options and execute stdin\n";
}

std::string exec_help() {
  return ExecParser::help_of_options() + "Test aids:\n" + ExecParser::help_of_test_aids() +
         "\n"
         "Without a script, and with -i, it reads and runs lines. Exit code: 0, or 1 after an "
         "error, or\n"
         "what the script gives to os.exit.\n";
}

}  // namespace moonlet::cli
