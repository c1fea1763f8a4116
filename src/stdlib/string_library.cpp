// The rows of the string library.
#include <vector>

#include "stdlib/library.hpp"
#include "stdlib/string_rows.hpp"

namespace moonlet::stdlib {

std::span<const vm::BuiltinRow> string_rows() {
  static const std::vector<vm::BuiltinRow> kRows = [] {
    std::vector<vm::BuiltinRow> rows = {
        {.name = "string.byte", .call = string_byte, .fast = fast_string_byte},
        {.name = "string.char", .call = string_char, .fast = fast_string_char},
        {"string.find", string_find},
        {"string.format", string_format, string_format_resume},
        {"string.gmatch", string_gmatch},
        {"string.gsub", string_gsub, string_gsub_resume},
        {.name = "string.len", .call = string_len, .fast = fast_string_len},
        {"string.lower", string_lower},
        {"string.match", string_match},
        {"string.pack", string_pack},
        {"string.packsize", string_packsize},
        {"string.rep", string_rep},
        {"string.reverse", string_reverse},
        {.name = "string.sub", .call = string_sub, .fast = fast_string_sub},
        {"string.unpack", string_unpack},
        {"string.upper", string_upper},
        {"intrinsic.gmatch_begin", gmatch_begin},
        {"intrinsic.gmatch_next", gmatch_next},
    };
    const auto arithmetic = string_arithmetic_rows();
    rows.insert(rows.end(), arithmetic.begin(), arithmetic.end());
    return rows;
  }();
  return kRows;
}

}  // namespace moonlet::stdlib
