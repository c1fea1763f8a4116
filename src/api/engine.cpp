#include "api/engine.hpp"

#include <algorithm>

#include "api/agent_rows.hpp"
#include "frontend/compile.hpp"
#include "stdlib/io_files.hpp"
#include "stdlib/script_file.hpp"

namespace moonlet::api {

std::expected<bytecode::Chunk, std::string> compile_script(vm::Dialect dialect,
                                                           std::string_view source,
                                                           std::string_view name,
                                                           base::Pace* pace) {
  auto chunk = frontend::compile(dialect, source, name, {.is_terminated = true, .pace = pace});
  if (!chunk) return std::unexpected(std::move(chunk.error().message));
  return std::move(*chunk);
}

std::expected<bytecode::Chunk, std::string> compile_source(vm::Dialect dialect,
                                                           const Source& source) {
  const std::string& file = source.file_name.empty() ? source.name : source.file_name;
  auto chunk = compile_script(dialect, stdlib::skip_first_comment(source.text), "@" + file);
  if (!chunk) return chunk;
  chunk->functions[0].name = static_cast<std::uint32_t>(chunk->strings.size());
  chunk->strings.push_back(source.name);
  return chunk;
}

namespace {

std::string_view group_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

bool is_function_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.back() != '.' &&
         std::count(name.begin(), name.end(), '.') <= 1 &&
         name.find(':') == std::string_view::npos && group_of(name) != "intrinsic";
}

std::unexpected<std::string> taken(std::string_view name) {
  return std::unexpected("the name \"" + std::string(name) + "\" is taken already");
}

}  // namespace

std::expected<std::unique_ptr<Engine>, std::string> Engine::make(
    std::vector<HostFunction> functions, std::vector<HostType> types) {
  std::unique_ptr<Engine> engine(new Engine());
  engine->functions_ = std::move(functions);
  vm::BuiltinTable& table = engine->builtins_;
  table = stdlib::make_builtin_table();
  for (const vm::BuiltinRow& row : agent_rows()) table.add(row);
  // States are bound to the library, but not to what else a host offers: its functions come after.
  auto library = stdlib::BaseLibrary::make(table);
  if (!library) return std::unexpected(library.error());
  engine->first_host_function_ = table.rows.size();
  for (const HostFunction& function : engine->functions_) {
    if (!is_function_name(function.name)) {
      return std::unexpected("\"" + function.name + "\" is no name for a host function");
    }
    if (table.find(function.name) >= 0) return taken(function.name);
    table.add({function.name, call_host_function});
  }
  // A group is a table, so no function can have its name.
  for (const HostFunction& function : engine->functions_) {
    const std::string_view group = group_of(function.name);
    if (!group.empty() && table.find(group) >= 0) return taken(group);
  }
  auto made = HostTypes::make(std::move(types), table, **library);
  if (!made) return std::unexpected(made.error());
  engine->types_ = std::move(*made);
  engine->library_ = std::move(*library);
  engine->base_objects_ = {engine->library_->objects(), engine->library_->reaches_world(),
                           engine->library_->fingerprint(), stdlib::is_plain_userdata};
  return engine;
}

std::unique_ptr<vm::Vm> Engine::bare_vm(vm::Host& host, vm::Dialect dialect,
                                        const heap::HostAllocator& allocator) const {
  auto machine = std::make_unique<vm::Vm>(builtins_, host, allocator);
  if (machine == nullptr) return nullptr;
  machine->dialect = dialect;
  machine->heap.weak_keys_are_held = dialect == vm::Dialect::Luau;
  if (dialect == vm::Dialect::Luau) machine->limits.string_bytes_max = vm::kLuauStringBytesMax;
  machine->compile = compile_script;
  machine->host_types = types_.get();
  stdlib::attach_library(*machine, *library_);
  return machine;
}

std::expected<std::unique_ptr<vm::Vm>, std::string> Engine::new_vm(
    vm::Host& host, const stdlib::LibrarySelection& selection,
    const heap::HostAllocator& allocator) const {
  auto machine = bare_vm(host, selection.dialect, allocator);
  if (machine == nullptr || !stdlib::open_libraries(*machine, *library_, selection)) {
    return std::unexpected(std::string("not enough memory for the library"));
  }
  return machine;
}

}  // namespace moonlet::api

namespace moonlet {

std::expected<Engine, std::string> Engine::make(std::vector<HostFunction> functions,
                                                std::vector<HostType> types) {
  auto engine = api::Engine::make(std::move(functions), std::move(types));
  if (!engine) return std::unexpected(engine.error());
  return Engine(std::shared_ptr<const api::Engine>(std::move(*engine)));
}

}  // namespace moonlet
