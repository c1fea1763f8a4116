// Transfers of control: internal to this folder.
#pragma once

#include "vm/call.hpp"

namespace moonlet::vm {

// One pending step of control transfer. settle() takes them one after the other, so that chains of
// natives calling natives need no C++ stack.
struct Transfer {
  enum class Kind : std::uint8_t { Call, Return, Throw, Unwind, Answer, Enter, Reload, Stop };
  Kind kind;
  Value* slot = nullptr;     // function slot (Call, Return)
  Value* results = nullptr;  // Return
  int count = 0;             // arguments or results; Answer: the answer
  std::uint64_t link = 0;
  bool replaces = false;  // Call: the frame on top makes way, its slot is already overwritten
};

inline Transfer to_reload() { return {Transfer::Kind::Reload}; }
inline Transfer to_throw() { return {Transfer::Kind::Throw}; }
inline Transfer to_stop() { return {Transfer::Kind::Stop}; }
inline Transfer to_call(Value* slot, int count, std::uint64_t link) {
  return {Transfer::Kind::Call, slot, nullptr, count, link};
}
inline Transfer to_replacing_call(Value* slot, int count, std::uint64_t link) {
  return {Transfer::Kind::Call, slot, nullptr, count, link, true};
}
inline Transfer to_return(Value* slot, std::uint64_t link, Value* results, int count) {
  return {Transfer::Kind::Return, slot, results, count, link};
}

// ---- Links.

inline bool is_link(std::uint64_t link, heap::LinkKind kind) {
  return heap::link_type(link) == heap::LinkType::Other && heap::link_kind(link) == kind;
}

inline bool counts_as_nested(std::uint64_t link) {
  return heap::link_type(link) == heap::LinkType::Other &&
         heap::link_kind(link) != heap::LinkKind::Bottom;
}

// A coroutine ended or failed, or yielded: its resumer's builtin takes `count` values.
Transfer to_resumer(Vm& vm, Thread& from, const Value* values, int count, bool ok);

// ---- Errors (throwing.cpp): the nearest message handler is called, then the nearest frame that
// catches is gone back to.
Transfer step_throw(Vm& vm);
Transfer step_unwind(Vm& vm);

}  // namespace moonlet::vm
