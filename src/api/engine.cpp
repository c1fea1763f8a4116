#include "api/engine.hpp"

#include "frontend/compile.hpp"

namespace moonlet::api {

namespace {

std::expected<bytecode::Chunk, std::string> compile(std::string_view source, std::string_view name,
                                                    const frontend::CompileOptions& options) {
  auto chunk = frontend::compile_lua54(source, name, options);
  if (!chunk) return std::unexpected(std::move(chunk.error().message));
  return std::move(*chunk);
}

}  // namespace

std::expected<bytecode::Chunk, std::string> compile_script(std::string_view source,
                                                           std::string_view name) {
  return compile(source, name, {});
}

std::expected<bytecode::Chunk, std::string> compile_prelude(std::string_view source,
                                                            std::string_view name) {
  frontend::CompileOptions options;
  options.is_prelude = true;
  return compile(source, "=" + std::string(name), options);
}

std::expected<std::unique_ptr<Engine>, std::string> Engine::make() {
  std::unique_ptr<Engine> engine(new Engine());
  engine->builtins_ = stdlib::make_builtin_table();
  auto library = stdlib::BaseLibrary::make(engine->builtins_, compile_prelude);
  if (!library) return std::unexpected(library.error());
  engine->library_ = std::move(*library);
  engine->base_objects_ = {engine->library_->objects(), engine->library_->fingerprint()};
  return engine;
}

std::unique_ptr<vm::Vm> Engine::bare_vm(vm::Host& host) const {
  auto machine = std::make_unique<vm::Vm>(builtins_, host, heap::default_host_allocator());
  machine->compile = compile_script;
  if (!stdlib::attach_library(*machine, *library_)) return nullptr;
  return machine;
}

std::expected<std::unique_ptr<vm::Vm>, std::string> Engine::new_vm(
    vm::Host& host, const stdlib::LibrarySelection& selection) const {
  auto machine = bare_vm(host);
  if (machine == nullptr || !stdlib::open_libraries(*machine, *library_, selection)) {
    return std::unexpected(std::string("not enough memory for the library"));
  }
  return machine;
}

}  // namespace moonlet::api
