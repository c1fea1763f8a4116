// Local variables of frames, as scripts may see and change them.
//
// What a builtin keeps in its slots while it calls back is nobody else's business, and neither are
// the prelude's variables. Registers that the interpreter trusts (the state of numeric loops, and
// what an instruction keeps while its metamethod runs) can be read, but not written. A hook sees
// the arguments or results that its event is about, of natives too.
#include "bytecode/numeric_loops.hpp"
#include "vm/debug.hpp"
#include "vm/hooks.hpp"

namespace moonlet::vm {

using bytecode::Effect;
using heap::LinkKind;
using heap::LinkType;

namespace {

bool is_other(std::uint64_t link, LinkKind kind) {
  return link != 0 && heap::link_type(link) == LinkType::Other && heap::link_kind(link) == kind;
}

bool is_in_call(std::uint64_t above) {
  return above != 0 && heap::link_type(above) != LinkType::Other;
}

// End of the slots that hold values (heap/thread.hpp, "Liveness").
Value* live_end(const Level& level) {
  if (level.is_builtin() || is_in_call(level.above)) return level.limit;
  if (level.above == 0 ? level.thread->open_top : (level.above & heap::kLinkOpenTop) != 0) {
    return level.limit;
  }
  const Proto& proto = *heap::frame_closure(level.base)->proto;
  return level.base + proto.heights[level.pc - proto.code];
}

bool is_loop_state(const Level& level, std::size_t slot) {
  const Proto& proto = *heap::frame_closure(level.base)->proto;
  const auto position = static_cast<std::size_t>(level.pc - proto.code);
  const auto loops = bytecode::find_numeric_loops({proto.code, proto.code_size});
  if (!loops) return true;
  for (const bytecode::NumericLoop& loop : *loops) {
    if (loop.contains(position) && slot >= loop.base && slot < loop.base + 3u) return true;
  }
  return false;
}

bool find_extra_argument(const Level& level, int number, Local& out) {
  Value* first = true_base(level.base);
  const std::ptrdiff_t parameters = heap::frame_closure(level.base)->proto->parameter_count;
  const std::ptrdiff_t count = level.base - first - 1 - parameters;
  const std::ptrdiff_t index = -1 - static_cast<std::ptrdiff_t>(number);
  if (first == level.base || index >= count) return false;
  out = {"(vararg)", first + parameters + index, true};
  return true;
}

bool find_in_prelude(const Level& level, int number, Local& out) {
  const TransferredValues values = transferred_values(level);
  if (number < values.first || number >= values.first + values.count) return false;
  out = {"(C temporary)", level.base + number - 1, false};
  return true;
}

bool find_native(Vm& vm, const Level& level, int number, Local& out) {
  const bool is_current = level.above == 0 && level.thread == vm.thread();
  const bool is_hooked =
      is_other(level.above, LinkKind::HookStart) || is_other(level.above, LinkKind::HookReturn);
  if (!is_current && !is_hooked) return false;
  if (number < 1 || number > level.limit - level.base) return false;
  out = {"(C temporary)", level.base + number - 1, true};
  return true;
}

}  // namespace

bool find_local(Vm& vm, const Level& level, int number, Local& out) {
  if (level.is_builtin()) return find_native(vm, level, number, out);
  if (looks_native(level.function())) return find_in_prelude(level, number, out);
  if (number < 0) return find_extra_argument(level, number, out);
  if (number == 0 || number > level.limit - level.base) return false;
  const Proto& proto = *heap::frame_closure(level.base)->proto;
  const std::string_view name =
      local_name(proto, number, static_cast<std::uint32_t>(level.pc - proto.code));
  const auto index = static_cast<std::size_t>(number) - 1;
  out = {name.empty() ? "(temporary)" : name, level.base + index, false};
  if (out.slot >= live_end(level)) {
    out.slot = nullptr;
    return true;
  }
  const bool is_trusted = name.empty() && is_other(level.above, LinkKind::Meta);
  out.is_writable = !is_trusted && !is_loop_state(level, index);
  return true;
}

namespace {

TransferredValues results_of_return(const Level& level) {
  const Instruction i = *level.pc;
  if (bytecode::info(bytecode::opcode(i)).effect != Effect::Return) return {};
  const int a = static_cast<int>(bytecode::op_a(i));
  int count = 0;
  switch (bytecode::opcode(i)) {
    case bytecode::Opcode::Return0:
      return {};
    case bytecode::Opcode::Return1:
      count = 1;
      break;
    default:
      count = bytecode::op_b(i) != 0 ? static_cast<int>(bytecode::op_b(i)) - 1
                                     : static_cast<int>(level.limit - level.base) - a;
      break;
  }
  return count > 0 ? TransferredValues{a + 1, count} : TransferredValues{};
}

}  // namespace

TransferredValues transferred_values(const Level& level) {
  if (level.above == 0 || heap::link_type(level.above) != LinkType::Other) return {};
  const int slots = static_cast<int>(level.limit - level.base);
  int first = 1;
  int count = 0;
  switch (heap::link_kind(level.above)) {
    case LinkKind::HookStart:
      count = slots;
      break;
    case LinkKind::HookReturn:
      // Of a Lua frame that a native function ended for: see hooks.hpp.
      if (!level.is_builtin()) first = static_cast<int>(bytecode::op_a(*level.pc)) + 1;
      count = slots - first + 1;
      break;
    case LinkKind::Interrupt:
      if (level.thread->hook_stage == static_cast<std::uint8_t>(HookStage::Returned)) {
        return results_of_return(level);
      }
      if (level.thread->hook_stage == static_cast<std::uint8_t>(HookStage::Called)) {
        count = heap::frame_closure(level.base)->proto->parameter_count;
      }
      break;
    default:
      break;
  }
  return count > 0 ? TransferredValues{first, count} : TransferredValues{};
}

}  // namespace moonlet::vm
