// Commands as tables: their words and options are described once, for parsing, --help and the
// completions of shells.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moonlet::cli {

// What a word is: checked, and what a shell offers for it.
enum class WordKind : std::uint8_t {
  Text,
  File,
  Project,
  Handler,
  Scenario,
  Number,        // a whole one
  Count,         // 1 or more
  Calls,         // the same, of calls
  Milliseconds,  // the same
};

struct OptionRow {
  std::string_view name;   // "--state"
  std::string_view value;  // what --help calls its value; empty: it has none
  std::string_view help;   // lines of at most 70 characters
  WordKind kind = WordKind::Text;
  std::string_view choices = {};  // what it may be, between blanks; empty: anything
};

struct PlainWord {
  std::string_view name;
  WordKind kind = WordKind::Text;
  bool is_optional = false;
  bool is_repeated = false;       // the last one only: any number of them from one up
  std::string_view choices = {};  // as above
};

// What stands on a command line.
class Arguments {
 public:
  std::vector<std::string> words;
  std::vector<std::pair<std::string_view, std::string>> options;
  bool wants_help = false;

  bool has(std::string_view option) const;
  // The last one given.
  std::optional<std::string> value(std::string_view option) const;
  std::vector<std::string> values(std::string_view option) const;
  // The n-th plain word, or `otherwise`.
  std::string word(std::size_t n, std::string_view otherwise = "") const;
};

struct CommandRow {
  std::string_view name;
  std::string_view alias;    // empty: none
  std::string_view summary;  // for `moonlet --help`
  std::string_view about;    // for its own --help
  std::span<const PlainWord> words;
  std::span<const OptionRow> options;
  int (*run)(const Arguments&);
};

// The error has no "see --help" yet.
[[nodiscard]] std::expected<Arguments, std::string> parse_arguments(
    const CommandRow& command, const std::vector<std::string>& words, std::size_t first);
std::vector<std::string> choices_of(std::string_view choices);
std::string usage_of(const CommandRow& command);  // "PROJECT HANDLER [INPUT]"
std::string help_of(const CommandRow& command);

// Parses, answers --help and wrong words, runs.
int run_row(const CommandRow& command, const std::vector<std::string>& words, std::size_t first);

// Exit codes, as docs/cli.md and --help give them.
inline constexpr int kDone = 0;
inline constexpr int kScriptFailed = 1;
inline constexpr int kBadRequest = 2;
inline constexpr int kWaiting = 3;

// Says why on the standard error. kBadRequest.
int refuse(const std::string& message);
// The value of an option of one of the numeric kinds, or nothing.
std::optional<std::uint64_t> number_of(const Arguments& arguments, std::string_view option);

}  // namespace moonlet::cli
