// Slow paths of instructions, out of line. Each executes the instruction thread.pc[-1] of the Lua
// frame on top in full; on Next thread.pc is at the instruction to go on with.
#pragma once

#include "vm/call.hpp"

namespace moonlet::vm::ops {

Flow get_global(Vm& vm, Instruction i);
// What a site did not know, by way of shapes; nullptr: it is not to be found so, or the site shall
// learn of it. Where many kinds of objects come along it would only forget one for the other, so it
// learns seldom.
const Value* find_unnoted(Vm& vm, const Table& object, const String* key, const heap::Site& site);
// The same for a store over a value that is not nil.
Value* find_unnoted_field(Vm& vm, Table& object, const String* key, const heap::Site& site);
Flow get_field(Vm& vm, Instruction i);
Flow get_table(Vm& vm, Instruction i);
Flow get_integer(Vm& vm, Instruction i);
Flow set_global(Vm& vm, Instruction i);
Flow set_field(Vm& vm, Instruction i);
Flow set_table(Vm& vm, Instruction i);
Flow set_integer(Vm& vm, Instruction i);
Flow self(Vm& vm, Instruction i);
Flow new_table(Vm& vm, Instruction i);
Flow set_list(Vm& vm, Instruction i);

// Allocate without a slow path's ceremony; false, or null: no memory, nothing has changed.
bool make_closure(Vm& vm, Value* base, Instruction i);
heap::Table* make_table(Vm& vm, unsigned fields, std::uint32_t elements);

Flow arithmetic(Vm& vm, Instruction i);  // all 36 binary rows
Flow unary_minus(Vm& vm, Instruction i);
Flow bitwise_not(Vm& vm, Instruction i);
Flow length(Vm& vm, Instruction i);
Flow concat(Vm& vm, Instruction i);

Flow equal(Vm& vm, Instruction i);
Flow order(Vm& vm, Instruction i);  // Lt Le LtK LeK GtK GeK

Flow for_prepare(Vm& vm, Instruction i);
Flow tfor_prepare(Vm& vm, Instruction i);
Flow vararg(Vm& vm, Instruction i);
Flow closure(Vm& vm, Instruction i);
Flow close(Vm& vm, Instruction i);
Flow to_be_closed(Vm& vm, Instruction i);

Flow call_safepoint(Vm& vm, Instruction i);  // call, with the safepoint first
Flow call_passed(Vm& vm, Instruction i);     // call, without
Flow call_hooked(Vm& vm, Instruction i);     // call or TForCall as hook_step() let it pass
Flow return_many(Vm& vm, Instruction i);
// After a builtin that was called last: its results lie from R[A] to the top.
Flow return_tail_called(Vm& vm, Instruction i);
Flow return_close(Vm& vm, Instruction i);
Flow back_edge(Vm& vm, Instruction i);  // after a backward jump
Flow collect(Vm& vm, Instruction i);    // checkpoint

// Where Luau's rules differ (slow_luau.cpp).
Flow arithmetic_luau(Vm& vm, Instruction i);  // ModF, IDivF
Flow length_luau(Vm& vm, Instruction i);
Flow equal_luau(Vm& vm, Instruction i);
Flow order_luau(Vm& vm, Instruction i);  // LtF LeF LtFK LeFK GtFK GeFK
Flow for_prepare_luau(Vm& vm, Instruction i);
Flow iter_prepare(Vm& vm, Instruction i);
// Of an operation on what are no numbers: strings that look like one are.
bool compute_luau(Event event, const Value& a, const Value& b, Value& result);

// Number of elements that are left to be concatenated, as a metamethod in the middle left them.
Flow concat_from(Vm& vm, Instruction i, int remaining);

}  // namespace moonlet::vm::ops
