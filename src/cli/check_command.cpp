#include <cstdio>

#include "cli/rows.hpp"
#include "moonlet/moonlet.hpp"

namespace moonlet::cli {

namespace {

constexpr char kAbout[] =
    "Looks at sources without running them: syntax, and globals that are read, but neither in the\n"
    "library nor assigned to in the file. A file whose name ends in .luau is Luau, any other one\n"
    "Lua 5.4, unless --dialect says what it is.\n"
    "\n"
    "Exit codes: 0 nothing was found; 1 something was; 2 a file cannot be read.";

constexpr PlainWord kWords[] = {{.name = "FILE", .kind = WordKind::File, .is_repeated = true}};
constexpr OptionRow kOptions[] = {
    {"--dialect", "DIALECT", "lua54 or luau: the language of all files", WordKind::Text,
     "lua54 luau"},
    {"--known", "NAME", "a global that the host provides; may be repeated"},
    {"--format", "FORMAT", "pretty or json", WordKind::Text, "pretty json"},
};

std::string message_of(const SourceProblem& problem) {
  return problem.kind == SourceProblem::Kind::Syntax ? problem.text
                                                     : "unknown global '" + problem.text + "'";
}

void print_pretty(const std::string& file, const SourceProblem& problem) {
  std::printf("%s:%u: %s: %s\n", file.c_str(), problem.line,
              problem.kind == SourceProblem::Kind::Syntax ? "error" : "warning",
              message_of(problem).c_str());
}

Value as_json(const std::string& file, const SourceProblem& problem) {
  const bool is_syntax = problem.kind == SourceProblem::Kind::Syntax;
  Value::Object o = {{"file", file},
                     {"line", static_cast<std::int64_t>(problem.line)},
                     {"kind", is_syntax ? "syntax" : "unknown-global"},
                     {"message", message_of(problem)}};
  if (!is_syntax) o.push_back({"name", problem.text});
  return Value(std::move(o));
}

// What a file's problems are; the error says why it cannot be read.
std::expected<std::vector<SourceProblem>, std::string> problems_of(
    const Engine& engine, const std::string& file, const std::optional<Dialect>& dialect,
    const std::vector<std::string>& known) {
  Source source{file, {}, file};
  std::string message;
  if (!process_host().read_file(file, source.text, message)) return std::unexpected(message);
  SourceCheckOptions options;
  options.dialect = dialect.value_or(dialect_of_file(file));
  options.known_globals = known;
  for (const char* name : {"arg", "require", "sys"}) options.known_globals.emplace_back(name);
  return check_source(engine, source, options);
}

int run(const Arguments& arguments) {
  std::optional<Dialect> dialect;
  if (const auto name = arguments.value("--dialect")) {
    dialect = *name == "luau" ? Dialect::Luau : Dialect::Lua54;
  }
  const std::string format = arguments.value("--format").value_or("pretty");
  const auto engine = Engine::make();
  if (!engine) return refuse(engine.error());
  Value::Array found;
  std::size_t count = 0;
  for (const std::string& file : arguments.words) {
    const auto problems = problems_of(*engine, file, dialect, arguments.values("--known"));
    if (!problems) return refuse(problems.error());
    count += problems->size();
    for (const SourceProblem& problem : *problems) {
      if (format == "json") {
        found.push_back(as_json(file, problem));
      } else {
        print_pretty(file, problem);
      }
    }
  }
  if (format == "json") {
    const auto text = to_json(Value(Value::Object{{"problems", std::move(found)}}));
    if (!text) return refuse(text.error());
    std::printf("%s\n", text->c_str());
  }
  return count == 0 ? kDone : kScriptFailed;
}

}  // namespace

const CommandRow kCheckRow = {"check",  "", "look at sources without running them", kAbout, kWords,
                              kOptions, run};

}  // namespace moonlet::cli
