// The rows of Luau's string library, all but `split` functions of Lua 5.4's.
#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/rows.hpp"
#include "stdlib/string_rows.hpp"

namespace moonlet::stdlib::luau {

std::span<const vm::BuiltinRow> string_rows() {
  static constexpr vm::BuiltinRow kRows[] = {
      {.name = "luau:string.byte",
       .call = on_floats<string_byte>,
       .fast = fast_on_floats<fast_string_byte>},
      {"luau:string.char", string_char},
      {"luau:string.find", on_floats<string_find>},
      {"luau:string.format", string_format, string_format_resume},
      {"luau:string.gsub", on_floats<string_gsub>, resume_on_floats<string_gsub_resume>},
      {.name = "luau:string.len",
       .call = on_floats<string_len>,
       .fast = fast_on_floats<fast_string_len>},
      {"luau:string.match", string_match},
      {"luau:string.pack", string_pack},
      {"luau:string.packsize", on_floats<string_packsize>},
      {"luau:string.rep", string_rep},
      {.name = "luau:string.sub", .call = string_sub, .fast = fast_on_floats<fast_string_sub>},
      {"luau:string.unpack", string_unpack},
  };
  return kRows;
}

// Strings have methods; what they do in arithmetic is the machine's.
bool fill_string(Vm& vm, Table& library) {
  Table* metatable = vm.heap.new_table();
  return metatable != nullptr &&
         heap::set_field(vm.heap, *metatable, "__index", Value::from(&library)) &&
         vm.heap.set_basic_metatable(heap::BasicType::String, metatable);
}

}  // namespace moonlet::stdlib::luau
