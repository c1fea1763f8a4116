#include "moonlet/stack.hpp"

#include "api/convert.hpp"
#include "api/use.hpp"
#include "moonlet/json.hpp"
#include "moonlet/vm.hpp"
#include "vm/debug.hpp"

namespace moonlet {

using api::Use;

namespace {

constexpr std::size_t kTextBytesMax = 200;
constexpr std::uint64_t kLookedAtBytesMax = 20'000;
constexpr int kLocalsMax = 200;

std::string text_of(vm::Vm& machine, const vm::Value& value) {
  if (value.is_nil()) return "nil";
  std::uint64_t left = kLookedAtBytesMax;
  std::string text = std::string(vm::basic_type_name(value));
  if (const auto data = api::to_host(machine, value, "value", left)) {
    text = to_json(*data).value_or(text);
  }
  if (text.size() <= kTextBytesMax) return text;
  std::size_t end = kTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

StackFrame frame_of(vm::Vm& machine, const vm::Level& level, int coroutine) {
  StackFrame frame;
  frame.function = vm::describe_function(machine, level);
  frame.is_tail_called = level.is_tail_called;
  frame.coroutine = coroutine;
  if (vm::looks_native(level.function())) {
    frame.source = "[C]";
    return frame;
  }
  frame.source = vm::short_source(*heap::frame_closure(level.base)->proto);
  frame.line = std::max(0, vm::current_line(level));
  vm::Local local;
  for (int n = 1; n <= kLocalsMax && vm::find_local(machine, level, n, local); ++n) {
    if (local.name.starts_with("(")) continue;
    const vm::Value value = local.slot != nullptr ? *local.slot : vm::Value::nil();
    frame.locals.push_back({std::string(local.name), text_of(machine, value)});
  }
  return frame;
}

}  // namespace

std::vector<StackFrame> Vm::stack(std::size_t frames_max) const {
  Use use(*record_);
  std::vector<StackFrame> frames;
  if (record_->wake() == nullptr || !record_->is_active()) return frames;
  vm::Vm& machine = *record_->machine;
  int coroutine = 0;
  for (heap::Thread* thread = machine.thread(); thread != nullptr; thread = thread->resumer) {
    vm::Level level;
    bool is_there = vm::find_level(machine, *thread, 0, level);
    for (; is_there; is_there = vm::next_level(machine, level)) {
      if (frames.size() == frames_max) return frames;
      frames.push_back(frame_of(machine, level, coroutine));
    }
    ++coroutine;
  }
  return frames;
}

}  // namespace moonlet
