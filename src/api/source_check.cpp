#include "moonlet/source_check.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "api/engine.hpp"
#include "bytecode/operands.hpp"
#include "heap/table.hpp"
#include "vm/no_host.hpp"

namespace moonlet {

namespace {

using bytecode::Opcode;

std::set<std::string> library_globals(const api::Engine& engine, Dialect dialect) {
  std::set<std::string> names;
  vm::NoHost host;
  const auto machine = engine.new_vm(
      host, {vm::LibrarySet::All, api::vm_dialect(dialect), /*is_sandboxed=*/true, {}});
  if (!machine) return names;
  vm::Value key;
  vm::Value value;
  const heap::Table& globals = *(*machine)->heap.globals;
  for (std::uint64_t at = heap::table_next_position(globals, 0, key, value); at != 0;
       at = heap::table_next_position(globals, at, key, value)) {
    if (key.is_string()) names.emplace(key.string()->view());
  }
  return names;
}

// "file:line: message"
SourceProblem syntax_problem(std::string_view message, std::string_view file) {
  SourceProblem problem{SourceProblem::Kind::Syntax, 1, std::string(message)};
  if (!message.starts_with(file)) return problem;
  message.remove_prefix(file.size());
  if (!message.starts_with(':')) return problem;
  const char* end = message.data() + message.size();
  const auto [behind, error] = std::from_chars(message.data() + 1, end, problem.line);
  if (error != std::errc() || behind == end || *behind != ':') return problem;
  message.remove_prefix(static_cast<std::size_t>(behind + 1 - message.data()));
  problem.text = message.substr(std::min(message.size(), message.find_first_not_of(' ')));
  return problem;
}

// Calls visit(opcode, name, line) for what reads and writes globals.
template <typename Visit>
void for_each_global(const bytecode::Chunk& chunk, Visit&& visit) {
  for (const bytecode::Function& function : chunk.functions) {
    for (std::size_t pc = 0; pc < function.code.size();
         pc = bytecode::next_start(function.code, pc)) {
      const Opcode op = bytecode::opcode(function.code[pc]);
      if (op != Opcode::GetGlobal && op != Opcode::SetGlobal) continue;
      const bytecode::Constant& name = function.constants[function.code[pc + 1]];
      visit(op, chunk.strings[name.string], static_cast<std::uint32_t>(function.lines[pc]));
    }
  }
}

}  // namespace

std::vector<SourceProblem> check_source(const Engine& engine, const Source& source,
                                        const SourceCheckOptions& options) {
  const auto chunk = api::compile_source(api::vm_dialect(options.dialect), source);
  if (!chunk) {
    const std::string& file = source.file_name.empty() ? source.name : source.file_name;
    return {syntax_problem(chunk.error(), file)};
  }
  std::set<std::string> known = library_globals(*engine.engine_, options.dialect);
  known.insert(options.known_globals.begin(), options.known_globals.end());
  for_each_global(*chunk, [&](Opcode op, const std::string& name, std::uint32_t) {
    if (op == Opcode::SetGlobal) known.insert(name);
  });
  std::vector<SourceProblem> problems;
  for_each_global(*chunk, [&](Opcode op, const std::string& name, std::uint32_t line) {
    if (op == Opcode::SetGlobal || known.contains(name)) return;
    problems.push_back({SourceProblem::Kind::UnknownGlobal, line, name});
  });
  std::sort(problems.begin(), problems.end(), [](const SourceProblem& a, const SourceProblem& b) {
    return a.line != b.line ? a.line < b.line : a.text < b.text;
  });
  return problems;
}

}  // namespace moonlet
