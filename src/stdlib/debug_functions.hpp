// The functions of the debug library, by the file that holds them, and how they find the thread
// that they are asked about.
#pragma once

#include "vm/frame_walk.hpp"

namespace moonlet::stdlib {

// Many of the functions take a thread before their other arguments.
struct DebugTarget {
  vm::Thread* thread;
  int first;  // index of the argument after it
};
inline DebugTarget debug_target(vm::Vm& vm, const vm::Value* args, int count) {
  if (count > 0 && args[0].is_thread()) return {args[0].thread(), 1};
  return {vm.thread(), 0};
}

// A level number as scripts give it; what does not fit is no level.
inline vm::Walked find_debug_level(vm::Vm& vm, vm::Thread& thread, std::int64_t number,
                                   vm::Level& out) {
  if (number < 0 || number > INT32_MAX) return vm::Walked::None;
  return vm::find_level_in_pieces(vm, thread, static_cast<int>(number), out);
}

int debug_getinfo(vm::Vm& vm, vm::Value* args, int count);  // debug_info.cpp

int debug_getlocal(vm::Vm& vm, vm::Value* args, int count);  // debug_variables.cpp
int debug_setlocal(vm::Vm& vm, vm::Value* args, int count);
int debug_getupvalue(vm::Vm& vm, vm::Value* args, int count);
int debug_setupvalue(vm::Vm& vm, vm::Value* args, int count);
int debug_upvalueid(vm::Vm& vm, vm::Value* args, int count);
int debug_upvaluejoin(vm::Vm& vm, vm::Value* args, int count);

int debug_gethook(vm::Vm& vm, vm::Value* args, int count);  // debug_hooks.cpp
int debug_sethook(vm::Vm& vm, vm::Value* args, int count);

}  // namespace moonlet::stdlib
