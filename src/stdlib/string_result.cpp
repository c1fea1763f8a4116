#include "stdlib/string_result.hpp"

#include <cstring>

#include "vm/call.hpp"

namespace moonlet::stdlib {

Buffer* new_string_buffer(Vm& vm, std::size_t size) {
  ML_ASSERT(size > heap::kShortStringSize);
  return vm.heap.new_buffer(static_cast<std::uint32_t>(size) + 1);
}

bool is_unfinished(const Value& value, std::size_t size) {
  return is_buffer(value) && value.buffer()->capacity == size + 1 && value.buffer()->size <= size &&
         size > heap::kShortStringSize;
}

Making make_string(Vm& vm, Value& slot, std::string_view source, std::int64_t& budget) {
  // Made already, in an activation that failed later.
  if (slot.is_string() && slot.string()->size == source.size()) return Making::Done;
  if (!is_unfinished(slot, source.size())) {
    if (source.size() <= kWholeBytes) {
      String* string = vm.heap.new_string(source);
      if (string == nullptr) return Making::NoMemory;
      slot = Value::from(string);
      budget -= static_cast<std::int64_t>(source.size());
      return Making::Done;
    }
    Buffer* buffer = new_string_buffer(vm, source.size());
    if (buffer == nullptr) return Making::NoMemory;
    slot = Value::from(buffer);
  }
  Buffer* buffer = slot.buffer();
  const std::size_t piece = std::min<std::size_t>(
      source.size() - buffer->size, static_cast<std::size_t>(std::max<std::int64_t>(budget, 1)));
  std::memcpy(buffer->data() + buffer->size, source.data() + buffer->size, piece);
  buffer->size += static_cast<std::uint32_t>(piece);
  budget -= static_cast<std::int64_t>(piece);
  if (buffer->size < source.size()) return Making::Running;
  slot = Value::from(heap::to_string(*buffer));
  return Making::Done;
}

int throw_corrupt(Vm& vm) { return vm::throw_error(vm, "corrupt state of a library function"); }

Buffer* state_buffer(Vm& vm, Value& slot, std::uint32_t bytes) {
  if (is_buffer(slot) && slot.buffer()->capacity >= bytes) return slot.buffer();
  constexpr std::uint32_t kRounding = 64;
  Buffer* buffer = vm.heap.new_buffer((bytes + kRounding - 1) / kRounding * kRounding);
  if (buffer != nullptr) slot = Value::from(buffer);
  return buffer;
}

int reserve_results(Vm& vm, Value* args, int count, int arguments, int results,
                    std::string_view overflow, Work& work) {
  if (results <= vm::kBuiltinSlots) return 0;
  const bool was_here = count > arguments && is_buffer(args[arguments]);
  if (was_here && results <= count) return 0;
  Buffer* mark = vm.heap.new_buffer(2 * sizeof(std::uint64_t));
  if (mark == nullptr) return kNoMemory;
  const int grown = ensure_slots(vm, args, results, overflow);
  if (grown != 0) return grown;
  static_assert(static_cast<int>(Tag::Nil) == 0);
  const int first = std::min(count, arguments);
  std::memset(static_cast<void*>(args + first), 0,
              static_cast<std::size_t>(results - first) * sizeof(Value));
  args[arguments] = Value::from(mark);
  return work.again(results);
}

int ensure_slots(Vm& vm, Value*& args, int slots, std::string_view overflow) {
  // What could never fit is refused before the stack grows for its error handlers.
  constexpr std::uint64_t kReserve = 256;
  const std::uint64_t used = vm.thread()->number(args);
  if (used + static_cast<std::uint64_t>(slots) + kReserve > vm.limits.stack_slots_max) {
    return vm::throw_error(vm, {"stack overflow (", overflow, ")"});
  }
  switch (vm::ensure_stack(vm, args, static_cast<std::uint64_t>(slots))) {
    case vm::StackResult::Ok:
      return 0;
    case vm::StackResult::NoMemory:
      return kNoMemory;
    case vm::StackResult::Overflow:
      return vm::throw_error(vm, {"stack overflow (", overflow, ")"});
  }
  ML_UNREACHABLE();
}

}  // namespace moonlet::stdlib
