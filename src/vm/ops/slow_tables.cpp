// Slow paths of table access: metamethods, errors, growth.
#include "vm/debug.hpp"
#include "vm/ops/slow.hpp"

namespace moonlet::vm::ops {

using heap::SetResult;

namespace {

constexpr int kChainMax = 2000;

Value* base_of(Vm& vm) { return vm.thread()->base; }
const Value* constants_of(Vm& vm) {
  return heap::frame_closure(vm.thread()->base)->proto->constants;
}

// R[a] = object[key]; `aux` words are skipped.
Flow get(Vm& vm, const Value* object, const Value& key, unsigned a, unsigned aux) {
  Thread& thread = *vm.thread();
  Value current = *object;
  for (int chain = 0; chain < kChainMax; ++chain) {
    Value handler;
    if (current.is_table()) {
      const Value found = heap::table_get(*current.table(), key);
      if (!found.is_nil()) {
        thread.base[a] = found;
        thread.pc += aux;
        return Flow::Next;
      }
      handler = heap::table_event(vm.heap, current.table()->metatable, Event::Index);
      if (handler.is_nil()) {
        heap::set_nil(&thread.base[a]);
        thread.pc += aux;
        return Flow::Next;
      }
    } else {
      handler = metamethod(vm, current, Event::Index);
      if (handler.is_nil()) {
        throw_index_error(vm, chain == 0 ? object : &current, key);
        return throw_pending(vm);
      }
    }
    if (handler.is_function()) return call_metamethod(vm, handler, current, key);
    current = handler;
  }
  throw_here(vm, "'__index' chain too long; possible loop");
  return throw_pending(vm);
}

Flow set(Vm& vm, const Value* object, const Value& key, const Value& value, unsigned aux) {
  Thread& thread = *vm.thread();
  Value current = *object;
  for (int chain = 0; chain < kChainMax; ++chain) {
    Value handler;
    if (current.is_table()) {
      Table& table = *current.table();
      if (table.metatable != nullptr && heap::table_get(table, key).is_nil()) {
        handler = heap::table_event(vm.heap, table.metatable, Event::NewIndex);
      } else {
        handler = Value::nil();
      }
      if (handler.is_nil()) {
        if ((table.flags & heap::kTableReadOnly) != 0) {
          throw_here(vm, "attempt to modify a readonly table");
          return throw_pending(vm);
        }
        switch (heap::table_set(vm.heap, table, key, value)) {
          case SetResult::Ok:
            thread.pc += aux;
            return Flow::Next;
          case SetResult::NoMemory:
            return Flow::NoMemory;
          case SetResult::NilKey:
            throw_here(vm, "table index is nil");
            return throw_pending(vm);
          case SetResult::NanKey:
            throw_here(vm, "table index is NaN");
            return throw_pending(vm);
        }
      }
    } else {
      handler = metamethod(vm, current, Event::NewIndex);
      if (handler.is_nil()) {
        throw_index_error(vm, chain == 0 ? object : &current, key);
        return throw_pending(vm);
      }
    }
    if (handler.is_function()) return call_metamethod(vm, handler, current, key, value);
    current = handler;
  }
  throw_here(vm, "'__newindex' chain too long; possible loop");
  return throw_pending(vm);
}

const Value* upvalue(Vm& vm, unsigned index) {
  return heap::frame_closure(vm.thread()->base)->upvalues()[index]->location;
}

}  // namespace

Flow get_global(Vm& vm, Instruction i) {
  return get(vm, upvalue(vm, bytecode::op_b(i)), constants_of(vm)[*vm.thread()->pc],
             bytecode::op_a(i), 1);
}
Flow get_field(Vm& vm, Instruction i) {
  return get(vm, base_of(vm) + bytecode::op_b(i), constants_of(vm)[*vm.thread()->pc],
             bytecode::op_a(i), 1);
}
Flow get_table(Vm& vm, Instruction i) {
  return get(vm, base_of(vm) + bytecode::op_b(i), base_of(vm)[bytecode::op_c(i)], bytecode::op_a(i),
             0);
}
Flow get_integer(Vm& vm, Instruction i) {
  return get(vm, base_of(vm) + bytecode::op_b(i), Value::from(static_cast<int>(bytecode::op_c(i))),
             bytecode::op_a(i), 0);
}
Flow set_global(Vm& vm, Instruction i) {
  return set(vm, upvalue(vm, bytecode::op_b(i)), constants_of(vm)[*vm.thread()->pc],
             base_of(vm)[bytecode::op_a(i)], 1);
}
Flow set_field(Vm& vm, Instruction i) {
  return set(vm, base_of(vm) + bytecode::op_b(i), constants_of(vm)[*vm.thread()->pc],
             base_of(vm)[bytecode::op_a(i)], 1);
}
Flow set_table(Vm& vm, Instruction i) {
  return set(vm, base_of(vm) + bytecode::op_b(i), base_of(vm)[bytecode::op_c(i)],
             base_of(vm)[bytecode::op_a(i)], 0);
}
Flow set_integer(Vm& vm, Instruction i) {
  return set(vm, base_of(vm) + bytecode::op_b(i), Value::from(static_cast<int>(bytecode::op_c(i))),
             base_of(vm)[bytecode::op_a(i)], 0);
}

// The receiver's copy is written last: its register is dead while a metamethod looks the method up.
Flow self(Vm& vm, Instruction i) {
  const unsigned a = bytecode::op_a(i);
  const Value object = base_of(vm)[bytecode::op_b(i)];
  const Flow flow =
      get(vm, base_of(vm) + bytecode::op_b(i), constants_of(vm)[*vm.thread()->pc], a, 1);
  if (flow == Flow::Next) base_of(vm)[a + 1] = object;
  return flow;
}

Flow new_table(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  Table* table = vm.heap.new_table(*thread.pc, bytecode::op_b(i));
  if (table == nullptr) return Flow::NoMemory;
  thread.base[bytecode::op_a(i)] = Value::from(table);
  ++thread.pc;
  return Flow::Next;
}

Flow set_list(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  const unsigned a = bytecode::op_a(i);
  // Code from outside may name anything here; what constructors make is always a table.
  if (!thread.base[a].is_table() || (thread.base[a].table()->flags & heap::kTableReadOnly) != 0) {
    throw_here(vm, "a constructor of something that is no table");
    return throw_pending(vm);
  }
  Table& table = *thread.base[a].table();
  const unsigned b = bytecode::op_b(i);
  const auto count = b != 0 ? b : static_cast<std::uint32_t>(thread.top - (thread.base + a)) - 1;
  const std::uint32_t first = *thread.pc;
  if (!heap::table_set_list(vm.heap, table, first, &thread.base[a + 1], count)) {
    return Flow::NoMemory;
  }
  ++thread.pc;
  return Flow::Next;
}

}  // namespace moonlet::vm::ops
