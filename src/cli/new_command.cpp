#include <cstdio>
#include <filesystem>

#include "base/os/durable_file.hpp"
#include "base/os/file.hpp"
#include "cli/rows.hpp"
#include "store/state_store.hpp"

namespace moonlet::cli {

namespace os = base::os;

namespace {

constexpr char kAbout[] =
    "Makes a folder NAME with a project that works: a script, two host functions, and scenarios.\n"
    "\n"
    "Exit codes: 0; 2 the name is none, there is something of that name, or it cannot be written.";

constexpr PlainWord kWords[] = {{"NAME", WordKind::Text}};

constexpr char kProject[] = R"({
  "scripts": { "main": "main.lua" },
  "handlers": { "greet": { "script": "main" } },
  "hostFunctions": {
    "find_user": {
      "args": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } },
      "returns": { "type": "object", "required": ["name"] },
      "cli": { "exec": "sh host.sh find_user", "timeout": 5000 }
    },
    "send": {
      "args": { "type": "object", "required": ["to", "text"] },
      "cli": { "exec": "sh host.sh send", "timeout": 5000, "retry": { "times": 2 } }
    }
  },
  "config": { "greeting": "Hello" },
  "scenarios": {
    "greets": {
      "handler": "greet",
      "input": { "userId": 1 },
      "dehydrateEvery": 1,
      "mocks": {
        "find_user": [{ "returns": { "name": "Ada" } }],
        "send": [{ "returns": { "sent": true } }]
      },
      "expect": {
        "result": { "status": "sent", "text": "Hello, Ada!" },
        "calls": { "send": [{ "to": "Ada", "text": "Hello, Ada!" }] }
      }
    },
    "survives a failure": {
      "handler": "greet",
      "input": { "userId": 1 },
      "mocks": {
        "find_user": [{ "returns": { "name": "Ada" } }],
        "send": [{ "error": "the mail is down" }]
      },
      "expect": { "result": { "status": "failed", "reason": "the mail is down" } }
    }
  }
}
)";

constexpr char kScript[] =
    R"(-- Straight-line code. At each sys.invoke the program may be frozen, and go on elsewhere.

local function greet(input)
  local user = sys.invoke("find_user", {id = input.userId})
  local text = sys.config().greeting .. ", " .. user.name .. "!"
  local ok, problem = pcall(sys.invoke, "send", {to = user.name, text = text})
  if not ok then return {status = "failed", reason = problem} end
  return {status = "sent", text = text}
end

return {handlers = {greet = sys.export(greet)}}
)";

constexpr char kHost[] = R"(#!/bin/sh
# The host's functions: JSON in on the standard input, JSON out on the standard output. A failure is a
# message on the standard error and an exit code. $MOONLET_COMMAND_ID is the same when a call is
# repeated.
case $1 in
  find_user)
    cat >/dev/null
    echo '{"name": "Ada"}'
    ;;
  send)
    { printf '%s ' "$MOONLET_COMMAND_ID"; cat; echo; } >>sent.log
    echo '{"sent": true}'
    ;;
  *)
    echo "there is no function $1" >&2
    exit 64
    ;;
esac
)";

constexpr char kIgnore[] = ".moonlet/\n*.state\nsent.log\n";

int run(const Arguments& arguments) {
  const std::string& name = arguments.words[0];
  if (const std::string problem = store::problem_with_name(name); !problem.empty()) {
    return refuse("\"" + name + "\" is no name for a project: letters, digits, and - _ . :");
  }
  std::error_code error;
  if (std::filesystem::exists(name, error)) return refuse("there is a " + name + " already");
  if (const int code = os::make_folder(name); code != 0) {
    return refuse("cannot make the folder " + name + ": " + os::error_text(code));
  }
  const std::string project = name + ".moonlet.json";
  const std::pair<std::string, std::string_view> files[] = {
      {project, kProject}, {"main.lua", kScript}, {"host.sh", kHost}, {".gitignore", kIgnore}};
  for (const auto& [file, text] : files) {
    const std::string path = name + "/" + file;
    if (const int code = os::replace_file(path, text); code != 0) {
      return refuse("cannot write " + path + ": " + os::error_text(code));
    }
    std::printf("%s\n", path.c_str());
  }
  std::printf("\nTry:\n  cd %s\n  moonlet test %s\n  moonlet run %s greet '{\"userId\": 1}'\n",
              name.c_str(), project.c_str(), project.c_str());
  return kDone;
}

}  // namespace

const CommandRow kNewRow = {"new", "", "make a project that works", kAbout, kWords, {}, run};

}  // namespace moonlet::cli
