// The functions of the string library, one file for each family.
#pragma once

#include "stdlib/string_result.hpp"

namespace moonlet::stdlib {

// string_basic.cpp
int string_byte(Vm& vm, Value* args, int count);
int fast_string_byte(Vm& vm, Value* slot, unsigned operands);
int string_char(Vm& vm, Value* args, int count);
int fast_string_char(Vm& vm, Value* slot, unsigned operands);
int string_len(Vm& vm, Value* args, int count);
int fast_string_len(Vm& vm, Value* slot, unsigned operands);
int string_lower(Vm& vm, Value* args, int count);
int string_rep(Vm& vm, Value* args, int count);
int string_reverse(Vm& vm, Value* args, int count);
int string_sub(Vm& vm, Value* args, int count);
int fast_string_sub(Vm& vm, Value* slot, unsigned operands);
int string_upper(Vm& vm, Value* args, int count);

// string_find.cpp
int string_find(Vm& vm, Value* args, int count);
int string_match(Vm& vm, Value* args, int count);
// Checks the arguments; the prelude makes the iterator, out of the two intrinsics.
int string_gmatch(Vm& vm, Value* args, int count);
// (subject, pattern, init) -> position, for gmatch_next only
int gmatch_begin(Vm& vm, Value* args, int count);
// (subject, pattern, position) -> captures of the next match, or nothing
int gmatch_next(Vm& vm, Value* args, int count);

// string_gsub.cpp
int string_gsub(Vm& vm, Value* args, int count);
int string_gsub_resume(Vm& vm, Value* args, Value* results, int count);

// string_format.cpp
int string_format(Vm& vm, Value* args, int count);
int string_format_resume(Vm& vm, Value* args, Value* results, int count);

// string_pack.cpp, string_unpack.cpp
int string_pack(Vm& vm, Value* args, int count);
int string_packsize(Vm& vm, Value* args, int count);
int string_unpack(Vm& vm, Value* args, int count);

// string_arithmetic.cpp: the metamethods of strings
std::span<const vm::BuiltinRow> string_arithmetic_rows();

}  // namespace moonlet::stdlib
