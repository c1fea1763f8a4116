#include <cstdio>
#include <optional>
#include <string>

#include "base/os/local_lines.hpp"
#include "base/os/terminal.hpp"
#include "cli/line_editor.hpp"
#include "cli/rows.hpp"

namespace moonlet::cli {

namespace os = base::os;

namespace {

constexpr char kAbout[] =
    "Talks to a process that has a console (docs/patterns/console.md): what runs there, where it\n"
    "stands, evaluating, ending, profiles. With a command, says what that answers; without, reads\n"
    "commands from the standard input, one a line. `help` is one of them.\n"
    "\n"
    "Exit codes: 0; 1 the process refused a command; 2 there is no such process, or it has gone.";

constexpr PlainWord kWords[] = {{"PATH", WordKind::File}, {"COMMAND", WordKind::Text, true, true}};

enum class Said : std::uint8_t { Done, Refused, Gone };

Said ask(os::LineClient& client, const std::string& command) {
  if (client.send(command) != 0) return Said::Gone;
  for (;;) {
    const auto line = client.receive();
    if (!line) return Said::Gone;
    if (*line == "ok") return Said::Done;
    if (line->starts_with("! ")) {
      std::fflush(stdout);
      std::fprintf(stderr, "moonlet: %s\n", line->c_str() + 2);
      return Said::Refused;
    }
    std::printf("%s\n", line->starts_with("| ") ? line->c_str() + 2 : line->c_str());
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t n = 1; n < words.size(); ++n) text += (n > 1 ? " " : "") + words[n];
  return text;
}

// Nothing: there are no more.
std::optional<std::string> next_line(std::optional<LineEditor>& editor) {
  if (editor) {
    auto line = editor->read("moonlet> ");
    if (line) editor->remember(*line);
    return line;
  }
  std::string line;
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') return line;
    line += static_cast<char>(c);
  }
  return line.empty() ? std::nullopt : std::optional(line);
}

int attach(const Arguments& arguments) {
  const std::string& path = arguments.words[0];
  auto client = os::LineClient::connect(path);
  if (!client) return refuse("nobody answers at " + path + ": " + os::error_text(client.error()));
  if (arguments.words.size() > 1) {
    const std::string command = joined(arguments.words);
    if (command.find('\n') != std::string::npos) return refuse("a command is one line");
    const Said said = ask(*client, command);
    if (said == Said::Gone) return refuse("the process at " + path + " has gone");
    return said == Said::Done ? kDone : kScriptFailed;
  }
  const bool is_person = os::is_terminal(os::kStandardInput);
  std::optional<LineEditor> editor;
  if (is_person) editor.emplace([](std::string_view) { return std::vector<std::string>(); });
  bool has_refused = false;
  while (const auto line = next_line(editor)) {
    const Said said = ask(*client, *line);
    if (said == Said::Gone) return refuse("the process at " + path + " has gone");
    has_refused = has_refused || said == Said::Refused;
    std::fflush(stdout);
  }
  return has_refused && !is_person ? kScriptFailed : kDone;
}

}  // namespace

const CommandRow kAttachRow = {
    "attach", "", "look into a process that runs scripts", kAbout, kWords, {}, attach};

}  // namespace moonlet::cli
