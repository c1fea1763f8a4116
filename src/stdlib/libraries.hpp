// Opens the guest library in a Vm: rows into tables, prelude sources into functions.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "bytecode/chunk.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib {

// All rows of all libraries, in a fixed order.
vm::BuiltinTable make_builtin_table();

using PreludeCompiler = std::expected<bytecode::Chunk, std::string> (*)(std::string_view source,
                                                                        std::string_view name);

// Which libraries exist, by set or by name. "base" is always there.
struct LibrarySelection {
  vm::LibrarySet set = vm::LibrarySet::All;
  // Empty: all of the set. Else names: "string", "table", ...
  std::vector<std::string> names;
  bool includes(std::string_view library) const;
};

// Fills the globals of a fresh Vm. The error says what failed (memory, or a fault of the prelude).
[[nodiscard]] std::expected<void, std::string> open_libraries(vm::Vm& vm, PreludeCompiler compile,
                                                             const LibrarySelection& selection);

}  // namespace moonlet::stdlib
