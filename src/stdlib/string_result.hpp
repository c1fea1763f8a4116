// Making strings in bounded pieces.
//
// A builtin whose work grows with an argument does at most kWorkBytes of it in one activation (16
// bytes are one unit of vm::kWorkUnits), answers kAgain and goes on in the next. A string that is
// not finished yet is a Buffer in one of the builtin's slots: `size` bytes of it are there. When
// the last byte is, the Buffer becomes the string, without a copy.
#pragma once

#include <algorithm>
#include <string_view>

#include "vm/vm.hpp"

namespace moonlet::stdlib {

using vm::Buffer;
using vm::kAgain;
using vm::kNoMemory;
using vm::String;
using vm::Table;
using vm::Tag;
using vm::Value;
using vm::Vm;

// Asked before any use of a slot as a Buffer. A forged state can name one Buffer in several slots,
// and when one of them has made a string of it, it is none any more. A script's own is an argument
// like any other.
inline bool is_buffer(const Value& value) {
  return value.is(Tag::Buffer) && value.object->kind == heap::Kind::Buffer &&
         !value.buffer()->is_of_script();
}

inline constexpr std::int64_t kWorkBytes = static_cast<std::int64_t>(vm::kWorkUnits) * 16;
// A string up to this size is made in one piece, whatever is left of the budget.
inline constexpr std::size_t kWholeBytes = 64 * 1024;

// What a step of a state machine answers when the builtin has no answer yet.
inline constexpr int kGoOn = -100;

inline int throw_too_large(vm::Vm& vm) {
  return vm::throw_limit(vm, vm::LimitKind::StringSize, "resulting string too large");
}

// What is left of an activation's work, in bytes. Charged once, at the end.
class Work {
 public:
  explicit Work(Vm& vm) : vm_(vm) {}

  std::int64_t budget = kWorkBytes;

  bool is_over() const { return budget <= 0; }
  // Ends the activation. One that has to be repeated is not charged twice.
  int end(int answer) const {
    if (answer != kNoMemory)
      vm::charge(vm_, static_cast<std::uint64_t>(kWorkBytes - budget + 15) / 16);
    return answer;
  }
  // Ends the activation to be called again with `count` arguments.
  int again(int count) const {
    vm_.call_count = count;
    return end(kAgain);
  }

 private:
  Vm& vm_;
};

enum class Making : std::uint8_t { Done, Running, NoMemory };

// A Buffer that heap::to_string() can make a string of `size` bytes (more than
// heap::kShortStringSize), or nullptr.
Buffer* new_string_buffer(Vm& vm, std::size_t size);
// Is this the unfinished string of `size` bytes that an earlier activation left?
bool is_unfinished(const Value& value, std::size_t size);

// Makes a string of `source` in `slot`, which holds nil or what an earlier activation left there.
Making make_string(Vm& vm, Value& slot, std::string_view source, std::int64_t& budget);

// A frozen state that nobody could have frozen.
int throw_corrupt(Vm& vm);

// A Buffer with room for a state of `bytes` bytes: the one in `slot` (which holds nil at first), or
// a new one, put there. nullptr: no memory. The caller fills it and sets its size, as the last
// thing in its activation: nothing may fail after that.
Buffer* state_buffer(Vm& vm, Value& slot, std::uint32_t bytes);

// Room for `results` results, from args[-1] on, of a builtin with at most `arguments` arguments.
// 0: there is room. Otherwise the answer to give: kAgain grows the stack, and the next activation
// finds a mark behind its arguments and slots up to the last result. The mark has room for two
// numbers, of a builtin that makes its results in several activations: those that lie behind the
// mark, and then, when it cannot fail any more, the others.
int reserve_results(Vm& vm, Value* args, int count, int arguments, int results,
                    std::string_view overflow, Work& work);

// Makes sure that args[0 .. slots-1] exist; args moves with the stack. 0, or the answer to give.
// A builtin whose stack has grown must not answer with results in the same activation.
int ensure_slots(Vm& vm, Value*& args, int slots, std::string_view overflow);

// The one result of a builtin: a string of `size` bytes of which fill(out, from, to) writes the
// bytes from..to of `out`. With `slot` below `count` an earlier activation left its Buffer there.
// Slots from `count` to `slot` are filled with nil. `work` is the activation's, which fills at most
// so many bytes.
template <class Fill>
int build_string(Vm& vm, Value* args, int count, int slot, std::size_t size, Work& work, Fill fill,
                 std::size_t most = static_cast<std::size_t>(kWorkBytes)) {
  if (slot < count && is_buffer(args[slot])) {
    if (!is_unfinished(args[slot], size)) return throw_corrupt(vm);
  } else {
    if (size > vm.limits.string_bytes_max) return throw_too_large(vm);
    work.budget -= static_cast<std::int64_t>(std::min<std::size_t>(size, kWorkBytes));
    if (size <= heap::kShortStringSize) {
      char text[heap::kShortStringSize];
      fill(text, 0, size);
      return work.end(vm::return_string(vm, args, {text, size}));
    }
    if (size <= most) {
      String* string = vm.heap.new_long_string_raw(size);
      if (string == nullptr) return kNoMemory;
      fill(string->data(), 0, size);
      return work.end(vm::return_one(args, Value::from(string)));
    }
    Buffer* buffer = new_string_buffer(vm, size);
    if (buffer == nullptr) return kNoMemory;
    for (int i = count; i < slot; ++i) args[i] = Value::nil();
    args[slot] = Value::from(buffer);
    work.budget = kWorkBytes;
  }
  Buffer* buffer = args[slot].buffer();
  const std::size_t from = buffer->size;
  const std::size_t to = std::min(size, from + most);
  fill(buffer->data(), from, to);
  buffer->size = static_cast<std::uint32_t>(to);
  work.budget -= static_cast<std::int64_t>(to - from);
  if (to < size) return work.again(slot + 1);
  return work.end(vm::return_one(args, Value::from(heap::to_string(*buffer))));
}

}  // namespace moonlet::stdlib
