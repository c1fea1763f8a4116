#include "cli/line_editor.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/os/process.hpp"

#if MOONLET_HAVE_LIBEDIT
#include <editline/readline.h>
#endif

namespace moonlet::cli {

#if MOONLET_HAVE_LIBEDIT

namespace {

constexpr int kHistoryLines = 1000;

LineEditor::Complete& completer() {
  static LineEditor::Complete complete;
  return complete;
}

// Called again and again, with state 0 at first, until there are no more.
char* next_completion(const char* text, int state) {
  static std::vector<std::string> found;
  static std::size_t next = 0;
  if (state == 0) {
    found = completer()(text);
    next = 0;
  }
  return next < found.size() ? strdup(found[next++].c_str()) : nullptr;
}

// Names, and no file names when there are none.
char** complete_names(const char* text, int, int) {
  rl_attempted_completion_over = 1;
  return rl_completion_matches(text, next_completion);
}

std::string history_path() {
  const auto home = base::os::environment_variable("HOME");
  return home ? *home + "/.moonlet_history" : std::string();
}

}  // namespace

LineEditor::LineEditor(Complete complete) {
  completer() = std::move(complete);
  static char name[] = "moonlet";
  rl_readline_name = name;
  static char breaks[] = " \t\n\"'`+-*/%^#=<>~()[]{},;&|";
  rl_basic_word_break_characters = breaks;
  rl_completer_word_break_characters = breaks;
  rl_attempted_completion_function = complete_names;
  rl_completion_append_character = '\0';
  using_history();
  if (!history_path().empty()) read_history(history_path().c_str());
  stifle_history(kHistoryLines);
}

LineEditor::~LineEditor() {
  if (!history_path().empty()) write_history(history_path().c_str());
  completer() = nullptr;
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  std::fflush(stdout);
  char* line = readline(prompt.c_str());
  if (line == nullptr) return std::nullopt;
  std::string text = line;
  std::free(line);
  return text;
}

void LineEditor::remember(const std::string& text) { add_history(text.c_str()); }

#else

LineEditor::LineEditor(Complete) {}
LineEditor::~LineEditor() = default;

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  std::fputs(prompt.c_str(), stdout);
  std::fflush(stdout);
  std::string text;
  for (;;) {
    const int c = std::getchar();
    if (c == EOF && text.empty()) return std::nullopt;
    if (c == EOF || c == '\n') return text;
    text += static_cast<char>(c);
  }
}

void LineEditor::remember(const std::string&) {}

#endif

}  // namespace moonlet::cli
