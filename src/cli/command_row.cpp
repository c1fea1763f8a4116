#include "cli/command_row.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "base/os/file.hpp"
#include "cli/rows.hpp"
#include "project/nearest_name.hpp"

namespace moonlet::cli {

namespace {

const OptionRow* find_option(const CommandRow& command, std::string_view name) {
  const auto found = std::find_if(command.options.begin(), command.options.end(),
                                  [&](const OptionRow& row) { return row.name == name; });
  return found != command.options.end() ? &*found : nullptr;
}

std::string unknown_option(const CommandRow& command, const std::string& name) {
  std::vector<std::string> names = {"--help"};
  for (const OptionRow& row : command.options) names.emplace_back(row.name);
  const std::string near = project::nearest_name(name, names);
  for (const CommandRow* other : command_rows()) {
    if (near.empty() && find_option(*other, name) != nullptr) {
      return name + " is for moonlet " + std::string(other->name);
    }
  }
  return "unknown option " + name + (near.empty() ? "" : "; did you mean " + near + "?");
}

std::optional<std::uint64_t> read_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What an option of this kind needs, if the text is none; else empty.
std::string_view lack_of(WordKind kind, const std::string& text) {
  const auto number = read_number(text);
  switch (kind) {
    case WordKind::Number:
      return number ? "" : "a number";
    case WordKind::Count:
      return number.value_or(0) > 0 ? "" : "a number, 1 or more";
    case WordKind::Calls:
      return number.value_or(0) > 0 ? "" : "a number of calls, 1 or more";
    case WordKind::Milliseconds:
      return number.value_or(0) > 0 ? "" : "a number of milliseconds, 1 or more";
    case WordKind::File:
      return text.empty() ? "a path" : "";
    default:
      return "";
  }
}

// The same for a word that is one of a few; `name` is what it is called.
std::string problem_with_choice(std::string_view name, std::string_view choices,
                                const std::string& text) {
  if (choices.empty()) return {};
  const std::vector<std::string> known = choices_of(choices);
  if (std::find(known.begin(), known.end(), text) != known.end()) return {};
  return std::string(name) + " is \"" + text + "\"" + project::hint_for(text, known);
}

std::string left_column(const OptionRow& row) {
  std::string text = "  " + std::string(row.name);
  if (!row.value.empty()) text += " " + std::string(row.value);
  return text;
}

// Lines of a text, each after `indent` blanks but the first.
void append_lines(std::string& out, std::string_view text, std::size_t indent) {
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find('\n', at);
    out += text.substr(at, end - at);
    out += '\n';
    if (end == std::string_view::npos) return;
    out.append(indent, ' ');
    at = end + 1;
  }
}

bool has_repeated_word(const CommandRow& command) {
  return !command.words.empty() && command.words.back().is_repeated;
}

}  // namespace

bool Arguments::has(std::string_view option) const { return value(option).has_value(); }

std::optional<std::string> Arguments::value(std::string_view option) const {
  for (auto row = options.rbegin(); row != options.rend(); ++row) {
    if (row->first == option) return row->second;
  }
  return std::nullopt;
}

std::vector<std::string> Arguments::values(std::string_view option) const {
  std::vector<std::string> found;
  for (const auto& [name, value] : options) {
    if (name == option) found.push_back(value);
  }
  return found;
}

std::string Arguments::word(std::size_t n, std::string_view otherwise) const {
  return n < words.size() ? words[n] : std::string(otherwise);
}

std::expected<Arguments, std::string> parse_arguments(const CommandRow& command,
                                                      const std::vector<std::string>& words,
                                                      std::size_t first) {
  Arguments arguments;
  bool has_ended = false;
  for (std::size_t at = first; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (!has_ended && (word == "--help" || word == "-h")) {
      arguments.wants_help = true;
      return arguments;
    }
    if (has_ended || !word.starts_with("--")) {
      arguments.words.push_back(word);
      continue;
    }
    if (word == "--") {
      has_ended = true;
      continue;
    }
    const std::size_t sign = word.find('=');
    const std::string name = word.substr(0, sign);
    const OptionRow* row = find_option(command, name);
    if (row == nullptr) return std::unexpected(unknown_option(command, name));
    std::string value;
    if (sign != std::string::npos) {
      if (row->value.empty()) return std::unexpected(name + " takes no value");
      value = word.substr(sign + 1);
    } else if (!row->value.empty()) {
      if (at + 1 == words.size()) return std::unexpected(name + " needs a value");
      value = words[++at];
    }
    if (const auto lack = lack_of(row->kind, value); !lack.empty()) {
      return std::unexpected(name + " needs " + std::string(lack) + ", not \"" + value + "\"");
    }
    if (auto problem = problem_with_choice(name, row->choices, value); !problem.empty()) {
      return std::unexpected(std::move(problem));
    }
    arguments.options.emplace_back(row->name, std::move(value));
  }
  const auto needed =
      static_cast<std::size_t>(std::count_if(command.words.begin(), command.words.end(),
                                             [](const PlainWord& w) { return !w.is_optional; }));
  if (arguments.words.size() < needed ||
      (arguments.words.size() > command.words.size() && !has_repeated_word(command))) {
    const std::string usage = usage_of(command);
    return std::unexpected(std::string(command.name) + " takes " +
                           (usage.empty() ? "no words" : usage));
  }
  for (std::size_t n = 0; n < arguments.words.size(); ++n) {
    const PlainWord& word = command.words[std::min(n, command.words.size() - 1)];
    const bool is_path = word.kind == WordKind::Project || word.kind == WordKind::File;
    if (is_path && arguments.words[n].empty()) {
      return std::unexpected(std::string(word.name) + " is empty");
    }
    auto problem = problem_with_choice(word.name, word.choices, arguments.words[n]);
    if (!problem.empty()) return std::unexpected(std::move(problem));
  }
  return arguments;
}

std::vector<std::string> choices_of(std::string_view choices) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < choices.size();) {
    const std::size_t end = std::min(choices.find(' ', at), choices.size());
    names.emplace_back(choices.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

std::string usage_of(const CommandRow& command) {
  std::string text;
  for (const PlainWord& word : command.words) {
    const std::string name(word.name);
    text += (text.empty() ? "" : " ") + (word.is_optional ? "[" + name + "]" : name);
    if (word.is_repeated) text += "...";
  }
  return text;
}

std::string help_of(const CommandRow& command) {
  const std::string usage = usage_of(command);
  std::string text = "usage: moonlet " + std::string(command.name);
  if (!usage.empty()) text += " " + usage;
  if (!command.options.empty()) text += " [options]";
  text += "\n\n" + std::string(command.about) + "\n";
  if (!command.alias.empty()) {
    text += "`moonlet " + std::string(command.alias) + "` is the same.\n";
  }
  std::size_t width = 0;
  for (const OptionRow& row : command.options) {
    width = std::max(width, left_column(row).size() + 2);
  }
  if (!command.options.empty()) text += "\n";
  for (const OptionRow& row : command.options) {
    std::string left = left_column(row);
    left.resize(width, ' ');
    text += left;
    append_lines(text, row.help, width);
  }
  return text;
}

int run_row(const CommandRow& command, const std::vector<std::string>& words, std::size_t first) {
  auto arguments = parse_arguments(command, words, first);
  if (!arguments) {
    return refuse(arguments.error() + "; see moonlet " + std::string(command.name) + " --help");
  }
  if (arguments->wants_help) {
    std::fputs(help_of(command).c_str(), stdout);
    return kDone;
  }
  const int code = command.run(*arguments);
  const bool is_written = std::fflush(stdout) == 0;
  const std::string why = is_written ? std::string() : ": " + base::os::error_text(errno);
  // Who has refused has said something already.
  if (code == kBadRequest || (is_written && std::ferror(stdout) == 0)) return code;
  return refuse("cannot write the standard output" + why);
}

int refuse(const std::string& message) {
  std::fprintf(stderr, "moonlet: %s\n", message.c_str());
  return kBadRequest;
}

std::optional<std::uint64_t> number_of(const Arguments& arguments, std::string_view option) {
  const auto text = arguments.value(option);
  return text ? read_number(*text) : std::nullopt;
}

}  // namespace moonlet::cli
