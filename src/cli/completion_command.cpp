// Completions for shells, from the rows of the commands.
#include <cstdio>

#include "cli/rows.hpp"

namespace moonlet::cli {

namespace {

constexpr char kAbout[] =
    "Writes what makes a shell complete the words of moonlet: commands, options, projects, and "
    "the\n"
    "handlers and scenarios of a project. SHELL is bash, zsh or fish.\n"
    "\n"
    "  bash   source <(moonlet completion bash)          in ~/.bashrc\n"
    "  zsh    source <(moonlet completion zsh)           in ~/.zshrc, after compinit\n"
    "  fish   moonlet completion fish | source           in ~/.config/fish/config.fish";

constexpr PlainWord kWords[] = {{.name = "SHELL", .choices = "bash zsh fish"}};

// What `moonlet list` calls what a word of this kind names; nullptr: nothing.
const char* listed_kind(WordKind kind) {
  if (kind == WordKind::Handler) return "handlers";
  if (kind == WordKind::Scenario) return "scenarios";
  return nullptr;
}

std::string names_of(const CommandRow& row, const char* between) {
  std::string text(row.name);
  if (!row.alias.empty()) text += between + std::string(row.alias);
  return text;
}

std::string all_names() {
  std::string text = "exec";
  for (const CommandRow* row : command_rows()) text += " " + names_of(*row, " ");
  return text;
}

// ---- bash.

std::string bash_action(WordKind kind, std::string_view choices) {
  if (!choices.empty()) return "_moonlet_among \"" + std::string(choices) + "\"";
  if (kind == WordKind::File) return "_moonlet_files '*'";
  if (kind == WordKind::Project) return "_moonlet_files '*.json'";
  if (const char* listed = listed_kind(kind)) return "_moonlet_names " + std::string(listed);
  return ":";
}

std::string bash_values(const CommandRow& row) {
  std::string text;
  for (const OptionRow& option : row.options) {
    if (option.value.empty()) continue;
    text += "        " + std::string(option.name) + ") " +
            bash_action(option.kind, option.choices) + "; return ;;\n";
  }
  return text;
}

std::string bash_words(const CommandRow& row) {
  std::string text;
  for (std::size_t n = 0; n < row.words.size(); ++n) {
    const PlainWord& word = row.words[n];
    text += "        " + (word.is_repeated ? "*" : std::to_string(n)) + ") " +
            bash_action(word.kind, word.choices) + " ;;\n";
  }
  return text;
}

std::string bash_case(const CommandRow& row) {
  std::string options = "--help";
  for (const OptionRow& option : row.options) options += " " + std::string(option.name);
  std::string text = "    " + names_of(row, "|") + ")\n";
  if (const std::string values = bash_values(row); !values.empty()) {
    text += "      case $previous in\n" + values + "      esac\n";
  }
  text += "      case $current in --*) _moonlet_among \"" + options + "\"; return ;; esac\n";
  text += "      _moonlet_count";
  for (const OptionRow& option : row.options) {
    if (!option.value.empty()) text += " " + std::string(option.name);
  }
  text += "\n      case $count in\n" + bash_words(row) + "      esac\n      ;;\n";
  return text;
}

std::string bash() {
  std::string text = R"(# Completion of moonlet for bash.
_moonlet_among() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }
_moonlet_files() {
  compopt -o nospace 2>/dev/null  # behind a folder more may follow
  mapfile -t COMPREPLY < <(compgen -d -S / -- "$current"; compgen -f -X "!$1" -- "$current")
}
_moonlet_names() {
  local name
  while IFS= read -r name; do
    case $name in "$current"*)
      printf -v name %q "$name"
      COMPREPLY+=("$name") ;;
    esac
  done < <(moonlet list "$project" "$1" 2>/dev/null)
}
# How many plain words stand before the current one, given the options that have values.
_moonlet_count() {
  local at=2 word
  count=0 project=
  while [ "$at" -lt "$COMP_CWORD" ]; do
    word=${COMP_WORDS[at]}
    case " $* " in *" $word "*) at=$((at + 1)) ;; *)
      case $word in --*) ;; *)
        [ "$count" = 0 ] && project=$word
        count=$((count + 1)) ;;
      esac ;;
    esac
    at=$((at + 1))
  done
}
_moonlet() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} count project
  COMPREPLY=()
  project=${COMP_WORDS[2]:-}
  if [ "$COMP_CWORD" = 1 ]; then
)";
  text += "    _moonlet_among \"" + all_names() + " --help --version\"\n";
  text += "    [ ${#COMPREPLY[@]} = 0 ] && _moonlet_files '*.lua'\n    return\n  fi\n";
  text += "  case ${COMP_WORDS[1]} in\n";
  for (const CommandRow* row : command_rows()) text += bash_case(*row);
  text += "    help) _moonlet_among \"" + all_names() +
          "\" ;;\n    *) _moonlet_files '*' ;;\n  esac\n}\ncomplete -F _moonlet moonlet\n";
  return text;
}

// ---- zsh.

std::string zsh_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '\n') {
      out += ' ';
    } else {
      if (c == '[' || c == ']' || c == ':') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string zsh_action(WordKind kind, std::string_view choices) {
  if (!choices.empty()) return "(" + std::string(choices) + ")";
  if (kind == WordKind::File) return "_files";
  if (kind == WordKind::Project) return "_files -g \"*.json\"";
  if (const char* listed = listed_kind(kind)) return "_moonlet_names " + std::string(listed);
  return " ";
}

std::string zsh() {
  std::string text =
      "# Completion of moonlet for zsh.\n# What _arguments gives compadd comes before the "
      "kind.\n_moonlet_names() {\n";
  text +=
      "  local -a names\n  names=(\"${(@f)$(moonlet list \"${words[2]}\" ${@[-1]} "
      "2>/dev/null)}\")\n";
  text += "  compadd \"${@[1,-2]}\" -a names\n}\n_moonlet() {\n";
  text += "  if (( CURRENT == 2 )); then\n    compadd " + all_names() +
          "\n    _files -g '*.lua'\n    return\n  fi\n";
  text += "  local command=${words[2]}\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (const CommandRow* row : command_rows()) {
    text += "    " + names_of(*row, "|") + ") _arguments '--help[what it does]'";
    for (const OptionRow& option : row->options) {
      text += " \\\n      '*" + std::string(option.name) + "[" + zsh_quoted(option.help) + "]";
      if (!option.value.empty()) {
        text += ":" + zsh_quoted(option.value) + ":" + zsh_action(option.kind, option.choices);
      }
      text += "'";
    }
    for (const PlainWord& word : row->words) {
      const char* mark = word.is_repeated ? "*:" : word.is_optional ? "::" : ":";
      text += " \\\n      '" + std::string(mark) + std::string(word.name) + ":" +
              zsh_action(word.kind, word.choices) + "'";
    }
    text += " ;;\n";
  }
  return text + "    *) _files ;;\n  esac\n}\ncompdef _moonlet moonlet\n";
}

// ---- fish.

std::string fish_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return "'" + out + "'";
}

// What the functions below want to know of a command: its options that have values.
std::string fish_valued(const CommandRow& row) {
  std::string text;
  for (const OptionRow& option : row.options) {
    if (!option.value.empty()) text += " " + std::string(option.name);
  }
  return text;
}

// What is offered for a word of this kind.
std::string fish_action(const CommandRow& row, WordKind kind, std::string_view choices) {
  if (!choices.empty()) return " -x -a '" + std::string(choices) + "'";
  if (const char* listed = listed_kind(kind)) {
    return " -x -a '(__moonlet_names " + std::string(listed) + fish_valued(row) + ")'";
  }
  return kind == WordKind::File || kind == WordKind::Project ? " -r -F" : " -x";
}

std::string fish() {
  std::string text = R"(# Completion of moonlet for fish.
# The plain words behind the command and before the cursor; arguments: options that have values.
function __moonlet_words
  set -l all (commandline -opc)
  test (count $all) -ge 3; or return
  set -l is_value 0
  for word in $all[3..-1]
    if test $is_value = 1
      set is_value 0
    else if contains -- $word $argv
      set is_value 1
    else if not string match -q -- '--*' $word
      echo $word
    end
  end
end
# Is it the command, and are there so many of them?
function __moonlet_at
  set -l all (commandline -opc)
  test (count $all) -ge 2; and contains -- $all[2] (string split , $argv[1])
  and test (count (__moonlet_words $argv[3..-1])) -eq $argv[2]
end
function __moonlet_names
  set -l words (__moonlet_words $argv[2..-1])
  test (count $words) -ge 1; and moonlet list $words[1] $argv[1] 2>/dev/null
end
complete -c moonlet -f
complete -c moonlet -n __fish_use_subcommand -F -a exec -d 'run a Lua program, or talk to Lua'
complete -c moonlet -n '__fish_seen_subcommand_from exec' -F
)";
  text += "complete -c moonlet -n '__fish_seen_subcommand_from help' -a '" + all_names() + "'\n";
  for (const CommandRow* row : command_rows()) {
    const std::string of = " -n '__fish_seen_subcommand_from " + names_of(*row, " ") + "'";
    text += "complete -c moonlet -n __fish_use_subcommand -a " + std::string(row->name) + " -d " +
            fish_quoted(row->summary) + "\n";
    for (const OptionRow& option : row->options) {
      text += "complete -c moonlet" + of + " -l " + std::string(option.name.substr(2));
      if (!option.value.empty()) text += fish_action(*row, option.kind, option.choices);
      text += " -d " + fish_quoted(option.help) + "\n";
    }
    for (std::size_t n = 0; n < row->words.size(); ++n) {
      const PlainWord& word = row->words[n];
      text += "complete -c moonlet -n '__moonlet_at " + names_of(*row, ",") + " " +
              std::to_string(n) + fish_valued(*row) + "'" +
              fish_action(*row, word.kind, word.choices) + "\n";
    }
  }
  return text;
}

int run(const Arguments& arguments) {
  const std::string& shell = arguments.words[0];
  if (shell == "bash") {
    std::fputs(bash().c_str(), stdout);
  } else if (shell == "zsh") {
    std::fputs(zsh().c_str(), stdout);
  } else {
    std::fputs(fish().c_str(), stdout);
  }
  return kDone;
}

}  // namespace

const CommandRow kCompletionRow = {
    "completion", "", "write completions for a shell", kAbout, kWords, {}, run};

}  // namespace moonlet::cli
