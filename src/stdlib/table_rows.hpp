// What the files of the table library share.
#pragma once

#include "vm/vm.hpp"

namespace moonlet::stdlib {

// Fast paths handle tables without a metatable that may be written; all others may run code of the
// script, or fail, at every access: the prelude does that. Luau's functions know no metamethods.
inline bool is_plain_table(const vm::Vm& vm, const vm::Value* args, int count, int index) {
  if (index >= count || !args[index].is_table()) return false;
  const vm::Table* table = args[index].table();
  return (table->flags & heap::kTableReadOnly) == 0 &&
         (table->metatable == nullptr || vm.dialect == vm::Dialect::Luau);
}

// The error of a function that was called without arguments; what else is wrong with a list the
// prelude finds.
inline int throw_no_list(vm::Vm& vm, vm::Value* args) {
  return throw_type_error(vm, args, 0, 0, "table");
}

// Functions of table_library.cpp that Luau builds on.
int table_insert(vm::Vm& vm, vm::Value* args, int count);
int fast_table_insert(vm::Vm& vm, vm::Value* slot, unsigned operands);
int table_move(vm::Vm& vm, vm::Value* args, int count);
int table_remove(vm::Vm& vm, vm::Value* args, int count);

// table.concat(list [, separator [, first [, last]]]): short lists of strings and numbers.
int table_concat(vm::Vm& vm, vm::Value* args, int count);
// intrinsic.concat(list, separator, first, last): a plain table of any size, in pieces.
int intrinsic_concat(vm::Vm& vm, vm::Value* args, int count);
// Are these its arguments from the second activation on?
bool is_concat_under_way(const vm::Value* args, int count);

// table.sort(list): numbers, or strings, by `<`.
int table_sort(vm::Vm& vm, vm::Value* args, int count);

// table.unpack(list [, first [, last]]).
int table_unpack(vm::Vm& vm, vm::Value* args, int count);
// intrinsic.unpack(list, first, last): values of a plain table; the range is not empty and
// intrinsic.can_unpack(first, last) has said yes.
int intrinsic_unpack(vm::Vm& vm, vm::Value* args, int count);
int intrinsic_can_unpack(vm::Vm& vm, vm::Value* args, int count);

}  // namespace moonlet::stdlib
