// The basic functions that Luau alone has.
#include "stdlib/luau/library.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms

namespace {

// Memory in use, in KiB.
int base_gcinfo(Vm& vm, Value* args, int) {
  return return_one(args, Value::from(static_cast<double>(vm.heap.logical_bytes / 1024)));
}

}  // namespace

std::span<const BuiltinRow> luau_base_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"luau:gcinfo", base_gcinfo},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
