// Slow paths of comparisons, loops, calls, closures and closing; completion after a metamethod.
#include <algorithm>
#include <limits>

#include "vm/debug.hpp"
#include "vm/hooks.hpp"
#include "vm/ops/slow_shared.hpp"

namespace moonlet::vm {

using bytecode::Opcode;
using heap::ThreadEntry;

namespace ops {

Flow equal(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  const Value& a = thread.base[bytecode::op_a(i)];
  const Value& b = bytecode::opcode(i) == Opcode::EqK
                       ? heap::frame_closure(thread.base)->proto->constants[bytecode::op_b(i)]
                       : thread.base[bytecode::op_b(i)];
  if (a.is_string() && b.is_string()) return equal_strings(vm, i, *a.string(), *b.string());
  if (raw_equal(a, b)) return take(vm, i, true);
  if (a.tag() != b.tag() || !(a.is_table() || a.is_userdata())) return take(vm, i, false);
  Value handler = metamethod(vm, a, Event::Eq);
  if (handler.is_nil()) handler = metamethod(vm, b, Event::Eq);
  if (handler.is_nil()) return take(vm, i, false);
  return call_metamethod(vm, handler, a, b);
}

Flow order(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  const Value* a = thread.base + bytecode::op_a(i);
  const Opcode op = bytecode::opcode(i);
  const Value* b = thread.base + bytecode::op_b(i);
  if (op != Opcode::Lt && op != Opcode::Le) {
    b = heap::frame_closure(thread.base)->proto->constants + bytecode::op_b(i);
  }
  if (op == Opcode::GtK || op == Opcode::GeK) std::swap(a, b);
  const bool is_less = op == Opcode::Lt || op == Opcode::LtK || op == Opcode::GtK;
  Flow flow;
  if (order_primitives(vm, i, *a, *b, is_less, flow)) return flow;
  const Event event = is_less ? Event::Lt : Event::Le;
  Value handler = metamethod(vm, *a, event);
  if (handler.is_nil()) handler = metamethod(vm, *b, event);
  if (handler.is_nil()) {
    throw_compare_error(vm, *a, *b);
    return throw_pending(vm);
  }
  return call_metamethod(vm, handler, *a, *b);
}

// ---- Numeric loops. An integer loop keeps its number of rounds left in R[A+1] (unsigned), as the
// manual's rule that it never overflows asks for.

namespace {

// The limit of an integer loop as an integer; false: no round at all. Sets `failed` on an error.
bool integer_limit(Vm& vm, const Value& limit, std::int64_t start, std::int64_t step,
                   std::int64_t& out, bool& failed) {
  double f;
  if (limit.is_integer()) {
    out = limit.integer;
  } else if (convert(limit, f)) {
    if (f != f) return false;
    const double rounded = step < 0 ? std::ceil(f) : std::floor(f);
    if (rounded >= 9223372036854775808.0) {
      if (step < 0) return false;
      out = std::numeric_limits<std::int64_t>::max();
    } else if (rounded < -9223372036854775808.0) {
      if (step > 0) return false;
      out = std::numeric_limits<std::int64_t>::min();
    } else {
      out = static_cast<std::int64_t>(rounded);
    }
  } else {
    throw_for_error(vm, limit, "limit");
    failed = true;
    return false;
  }
  return step > 0 ? start <= out : start >= out;
}

}  // namespace

Flow for_prepare(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  Value* ra = thread.base + bytecode::op_a(i);
  if (ra[0].is_integer() && ra[2].is_integer()) {
    const std::int64_t start = ra[0].integer;
    const std::int64_t step = ra[2].integer;
    if (step == 0) {
      throw_here(vm, "'for' step is zero");
      return throw_pending(vm);
    }
    std::int64_t limit = 0;
    bool failed = false;
    if (!integer_limit(vm, ra[1], start, step, limit, failed)) {
      if (failed) return throw_pending(vm);
      thread.pc += bytecode::op_bx(i) + 1;
      return Flow::Next;
    }
    std::uint64_t rounds =
        step > 0 ? static_cast<std::uint64_t>(limit) - static_cast<std::uint64_t>(start)
                 : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(limit);
    const std::uint64_t size =
        step > 0 ? static_cast<std::uint64_t>(step) : static_cast<std::uint64_t>(-(step + 1)) + 1;
    if (size != 1) rounds /= size;
    ra[1] = Value::from(static_cast<std::int64_t>(rounds));
    ra[3] = ra[0];
    return Flow::Next;
  }
  double limit;
  double step;
  double start;
  if (!convert(ra[1], limit)) {
    throw_for_error(vm, ra[1], "limit");
    return throw_pending(vm);
  }
  if (!convert(ra[2], step)) {
    throw_for_error(vm, ra[2], "step");
    return throw_pending(vm);
  }
  if (!convert(ra[0], start)) {
    throw_for_error(vm, ra[0], "initial");
    return throw_pending(vm);
  }
  if (step == 0) {
    throw_here(vm, "'for' step is zero");
    return throw_pending(vm);
  }
  if (step > 0 ? !(start <= limit) : !(limit <= start)) {
    thread.pc += bytecode::op_bx(i) + 1;
    return Flow::Next;
  }
  ra[0] = Value::from(start);
  ra[1] = Value::from(limit);
  ra[2] = Value::from(step);
  ra[3] = ra[0];
  return Flow::Next;
}

namespace {

Flow mark_to_be_closed(Vm& vm, Value* slot) {
  Thread& thread = *vm.thread();
  if (slot->is_falsy()) return Flow::Next;
  if (metamethod(vm, *slot, Event::Close).is_nil()) {
    throw_close_error(vm, thread.number(slot));
    return throw_pending(vm);
  }
  return heap::push_tbc(vm.heap, thread, thread.number(slot)) ? Flow::Next : Flow::NoMemory;
}

}  // namespace

Flow tfor_prepare(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  const Flow flow = mark_to_be_closed(vm, thread.base + bytecode::op_a(i) - 1);
  if (flow == Flow::Next) thread.pc += bytecode::op_bx(i);
  return flow;
}

Flow to_be_closed(Vm& vm, Instruction i) {
  return mark_to_be_closed(vm, vm.thread()->base + bytecode::op_a(i));
}

Flow vararg(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  Value* slot = thread.base + bytecode::op_a(i);
  const std::uint32_t delta = heap::link_delta(thread.base[-1].meta);
  const auto parameters = heap::frame_closure(thread.base)->proto->parameter_count;
  const int extra = static_cast<int>(delta) - 1 - parameters;
  const int available = extra > 0 ? extra : 0;
  int wanted = static_cast<int>(bytecode::op_c(i)) - 1;
  if (wanted < 0) {
    wanted = available;
    switch (ensure_stack(vm, slot, static_cast<std::uint64_t>(wanted) + 1)) {
      case StackResult::Ok:
        break;
      case StackResult::Overflow:
        throw_stack_overflow(vm);
        return throw_pending(vm);
      case StackResult::NoMemory:
        return Flow::NoMemory;
    }
    if (wanted > 0 && !heap::copy_in_pieces(vm.heap, slot, thread.base - delta + parameters,
                                            static_cast<std::size_t>(wanted))) {
      return Flow::NoMemory;
    }
    thread.top = slot + wanted;
    thread.open_top = true;
    charge_values(vm, wanted);
    return Flow::Next;
  }
  const Value* from = thread.base - delta + parameters;
  for (int n = 0; n < wanted; ++n) slot[n] = n < available ? from[n] : Value::nil();
  return Flow::Next;
}

bool make_closure(Vm& vm, Value* base, Instruction i) {
  Closure* parent = heap::frame_closure(base);
  Proto* proto = parent->proto->children[bytecode::op_bx(i)];
  Closure* closure = vm.heap.new_closure(proto);
  if (closure == nullptr) return false;
  for (int n = 0; n < proto->upvalue_count; ++n) {
    const heap::UpvalueInfo& info = proto->upvalues[n];
    heap::Cell* cell = info.from_parent_register
                           ? heap::find_open_cell(vm.heap, *vm.thread(), base + info.index)
                           : parent->upvalues()[info.index];
    if (cell == nullptr) return false;
    closure->upvalues()[n] = cell;
  }
  base[bytecode::op_a(i)] = Value::from(closure);
  return true;
}

Flow closure(Vm& vm, Instruction i) {
  return make_closure(vm, vm.thread()->base, i) ? Flow::Next : Flow::NoMemory;
}

Flow close(Vm& vm, Instruction i) {
  return close_pending(vm, vm.thread()->base + bytecode::op_a(i));
}

Flow call_safepoint(Vm& vm, Instruction) { return call_instruction(vm, Safepoint::Pass); }
Flow call_passed(Vm& vm, Instruction) { return call_instruction(vm, Safepoint::Passed); }
// Calls that have hooks go the generic way, which knows them.
Flow call_hooked(Vm& vm, Instruction) {
  if (vm.heap.wants_step()) return checkpoint(vm);
  vm.fuel -= kCallFuel;
  return call_instruction(vm, vm.fuel < 0 ? Safepoint::Pass : Safepoint::Passed);
}

Flow return_many(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  switch (bytecode::opcode(i)) {
    case Opcode::Return0:
      return return_from_lua(vm, thread.base, 0);
    case Opcode::Return1:
      return return_from_lua(vm, thread.base + bytecode::op_a(i), 1);
    default:
      break;
  }
  Value* results = thread.base + bytecode::op_a(i);
  const unsigned b = bytecode::op_b(i);
  const int count = b != 0 ? static_cast<int>(b) - 1 : static_cast<int>(thread.top - results);
  return return_from_lua(vm, results, count);
}

Flow return_tail_called(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  if (bytecode::op_c(i) != 0) heap::close_cells(vm.heap, thread, thread.base);
  Value* results = thread.base + bytecode::op_a(i);
  return return_from_lua(vm, results, static_cast<int>(thread.top - results));
}

Flow return_close(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  thread.open_top = has_open_top(i);
  const Flow flow = close_pending(vm, thread.base);
  if (flow != Flow::Next) return flow;
  return return_many(vm, i);
}

Flow back_edge(Vm& vm, Instruction) {
  Thread& thread = *vm.thread();
  thread.open_top = false;
  const Flow flow = safepoint(vm, ThreadEntry::Run);
  return flow == Flow::Reload ? Flow::Next : flow;
}

Flow collect(Vm& vm, Instruction) { return checkpoint(vm); }

}  // namespace ops

Flow complete_instruction(Vm& vm, std::uint32_t position, const Value& result) {
  Thread& thread = *vm.thread();
  const Proto* proto = heap::frame_closure(thread.base)->proto;
  const Instruction i = proto->code[position];
  const bytecode::OpcodeInfo& info = bytecode::info(bytecode::opcode(i));
  thread.pc = proto->code + position + 1 + info.aux_words;
  switch (info.effect) {
    case bytecode::Effect::Test: {
      const bool outcome = !result.is_falsy();
      if (outcome == (bytecode::op_c(i) != 0)) {
        thread.pc += 1 + bytecode::op_sj(*thread.pc);
      } else {
        ++thread.pc;
      }
      return Flow::Reload;
    }
    case bytecode::Effect::Concat: {
      const int last = static_cast<int>(bytecode::op_b(i)) - 1;
      Value* first = thread.base + bytecode::op_a(i);
      // The debug library may have written there.
      if (!first[last].is_integer() || first[last].integer < 1 || first[last].integer > last) {
        return raise(vm, "a concatenation was tampered with");
      }
      const int remaining = static_cast<int>(first[last].integer);
      first[remaining - 1] = result;
      Flow flow = ops::concat_from(vm, i, remaining);
      if (flow == Flow::NoMemory) {
        // The operands that are left are in registers: what is collected around them is garbage.
        collect_for_memory(vm, Standing::Inside);
        flow = ops::concat_from(vm, i, remaining);
        if (flow == Flow::NoMemory) {
          throw_memory(vm);
          return throw_pending(vm);
        }
      }
      return flow == Flow::Next ? Flow::Reload : flow;
    }
    case bytecode::Effect::Close:
    case bytecode::Effect::Return:
      thread.pc = proto->code + position;  // more variables may be pending: start over
      set_hook_stage(vm, thread, HookStage::Lined);
      return Flow::Reload;
    default:
      break;
  }
  if (info.effect == bytecode::Effect::Self) {
    thread.base[bytecode::op_a(i) + 1] = thread.base[bytecode::op_b(i)];
  }
  if (bytecode::opcode(i) == Opcode::LenF && !result.is_number()) {
    throw_here(vm, "'__len' must return a number");
    return throw_pending(vm);
  }
  if (info.a == bytecode::Role::W) thread.base[bytecode::op_a(i)] = result;
  return Flow::Reload;
}

}  // namespace moonlet::vm
