// Names of values and functions for messages, found by reading the bytecode backwards, as the
// reference implementation's messages do.
#include "vm/debug.hpp"

namespace moonlet::vm {

using bytecode::Effect;
using bytecode::Opcode;
using bytecode::OpcodeInfo;
using bytecode::Role;
using heap::LinkKind;
using heap::LinkType;

std::string_view local_name(const Proto& proto, int number, std::uint32_t position) {
  for (std::uint32_t n = 0; n < proto.local_count; ++n) {
    const heap::LocalInfo& local = proto.locals[n];
    if (local.start_pc > position) break;
    if (position < local.end_pc && --number == 0) return local.name->view();
  }
  return {};
}

namespace {

// Does the instruction change the register?
bool writes(Instruction i, unsigned reg) {
  const OpcodeInfo& info = bytecode::info(bytecode::opcode(i));
  const unsigned a = bytecode::op_a(i);
  switch (info.effect) {
    case Effect::Nil:
      return reg >= a && reg <= a + bytecode::op_b(i);
    case Effect::Self:
      return reg == a || reg == a + 1;
    case Effect::Concat:
      return reg == a;
    case Effect::Call:
    case Effect::TailCall:
    case Effect::TForCall:
      return reg >= a;
    case Effect::Vararg:
      return reg >= a;
    case Effect::ForPrep:
    case Effect::ForLoop:
      return reg >= a && reg <= a + 3;
    case Effect::TForLoop:
      return reg + 2 == a;
    case Effect::IterPrep:
      return reg + 4 >= a;
    default:
      return (info.a == Role::W || info.a == Role::M) && reg == a;
  }
}

int jump_target(Instruction i, int position) {
  switch (bytecode::info(bytecode::opcode(i)).effect) {
    case Effect::Jump:
      return position + 1 + bytecode::op_sj(i);
    case Effect::TForPrep:
    case Effect::IterPrep:
      return position + 1 + static_cast<int>(bytecode::op_bx(i));
    case Effect::Skip:
      return position + 2;
    default:
      return -1;
  }
}

// The instruction that gave `reg` its value at `last`; -1 when a jump makes that unclear.
int find_setter(const Proto& proto, int last, unsigned reg) {
  int setter = -1;
  int unclear_before = 0;  // instructions before this are conditional
  for (int position = 0; position < last;) {
    const Instruction i = proto.code[position];
    const OpcodeInfo& info = bytecode::info(bytecode::opcode(i));
    const int target = jump_target(i, position);
    if (target > position && target <= last && target > unclear_before) unclear_before = target;
    if (writes(i, reg)) setter = position < unclear_before ? -1 : position;
    position += 1 + info.aux_words;
  }
  return setter;
}

struct ObjectName {
  std::string name;
  std::string_view kind;  // empty: none
};

std::string_view upvalue_name(const Proto& proto, unsigned n) {
  const String* name = proto.upvalues[n].name;
  return name != nullptr ? name->view() : "?";
}

std::string constant_name(const Proto& proto, std::uint32_t k) {
  return proto.constants[k].is_string() ? std::string(proto.constants[k].string()->view()) : "?";
}

// What is in a register, and the instruction that put it there (-1: unknown).
struct Origin {
  ObjectName name;
  int setter = -1;
};

// Names variables and constants; follows moves, which always go to a higher register.
Origin origin_of_register(const Proto& proto, int position, unsigned reg) {
  for (;;) {
    const std::string_view local =
        local_name(proto, static_cast<int>(reg) + 1, static_cast<std::uint32_t>(position));
    if (!local.empty()) return {{std::string(local), "local"}, -1};
    position = find_setter(proto, position, reg);
    if (position < 0) return {};
    const Instruction i = proto.code[position];
    const unsigned b = bytecode::op_b(i);
    switch (bytecode::opcode(i)) {
      case Opcode::Move:
        if (b >= bytecode::op_a(i)) return {};
        reg = b;
        continue;
      case Opcode::GetUpvalue:
        return {{std::string(upvalue_name(proto, b)), "upvalue"}, position};
      case Opcode::LoadK:
      case Opcode::LoadKX: {
        const std::uint32_t k =
            bytecode::opcode(i) == Opcode::LoadK ? bytecode::op_bx(i) : proto.code[position + 1];
        if (!proto.constants[k].is_string()) return {};
        return {{constant_name(proto, k), "constant"}, position};
      }
      default:
        return {{}, position};
    }
  }
}

// A field of the table in `reg` is a global if that is the variable _ENV.
std::string_view kind_of_field(const Proto& proto, int position, unsigned reg) {
  const ObjectName table = origin_of_register(proto, position, reg).name;
  const bool is_variable = table.kind == "local" || table.kind == "upvalue";
  return is_variable && table.name == "_ENV" ? "global" : "field";
}

ObjectName name_of_register(const Proto& proto, int position, unsigned reg) {
  const Origin origin = origin_of_register(proto, position, reg);
  const int setter = origin.setter;
  if (!origin.name.kind.empty() || setter < 0) return origin.name;
  const Instruction i = proto.code[setter];
  const unsigned b = bytecode::op_b(i);
  switch (bytecode::opcode(i)) {
    case Opcode::GetGlobal:
      return {constant_name(proto, proto.code[setter + 1]),
              upvalue_name(proto, b) == "_ENV" ? "global" : "field"};
    case Opcode::GetField:
      return {constant_name(proto, proto.code[setter + 1]), kind_of_field(proto, setter, b)};
    case Opcode::GetTable: {
      const ObjectName key = origin_of_register(proto, setter, bytecode::op_c(i)).name;
      return {key.kind == "constant" ? key.name : "?", kind_of_field(proto, setter, b)};
    }
    case Opcode::GetInteger:
      return {"integer index", "field"};
    case Opcode::Self:
      return {constant_name(proto, proto.code[setter + 1]), "method"};
    default:
      return {};
  }
}

// Is the value in a register a constant, or a function that this code made or has around it?
bool is_own_value(const Proto& proto, int position, unsigned reg) {
  for (;;) {
    position = find_setter(proto, position, reg);
    if (position < 0) return false;
    const Instruction i = proto.code[position];
    switch (bytecode::opcode(i)) {
      case Opcode::Move:
        if (bytecode::op_b(i) >= bytecode::op_a(i)) return false;
        reg = bytecode::op_b(i);
        continue;
      case Opcode::LoadK:
      case Opcode::LoadKX:
      case Opcode::GetUpvalue:
      case Opcode::Closure:
        return true;
      default:
        return false;
    }
  }
}

std::string_view event_of_instruction(Instruction i) {
  const Opcode op = bytecode::opcode(i);
  const OpcodeInfo& info = bytecode::info(op);
  if (op >= Opcode::Add && op <= Opcode::ShrKR) {
    static constexpr std::string_view kNames[] = {"add",  "sub",  "mul", "mod",  "pow", "div",
                                                  "idiv", "band", "bor", "bxor", "shl", "shr"};
    return kNames[(static_cast<int>(op) - static_cast<int>(Opcode::Add)) / 3];
  }
  switch (op) {
    case Opcode::GetGlobal:
    case Opcode::GetField:
    case Opcode::GetTable:
    case Opcode::GetInteger:
    case Opcode::Self:
      return "index";
    case Opcode::SetGlobal:
    case Opcode::SetField:
    case Opcode::SetTable:
    case Opcode::SetInteger:
      return "newindex";
    case Opcode::Unm:
      return "unm";
    case Opcode::BNot:
      return "bnot";
    case Opcode::Len:
      return "len";
    case Opcode::Concat:
      return "concat";
    case Opcode::Eq:
    case Opcode::EqK:
      return "eq";
    case Opcode::Lt:
    case Opcode::LtK:
    case Opcode::GtK:
      return "lt";
    case Opcode::Le:
    case Opcode::LeK:
    case Opcode::GeK:
      return "le";
    default:
      break;
  }
  if (info.effect == Effect::Close || info.effect == Effect::Return) return "close";
  return {};
}

FunctionName name_from_instruction(const Proto& proto, const Instruction* pc) {
  const Instruction i = *pc;
  const auto position = static_cast<int>(pc - proto.code);
  switch (bytecode::info(bytecode::opcode(i)).effect) {
    case Effect::Call:
    case Effect::TailCall: {
      ObjectName name = name_of_register(proto, position, bytecode::op_a(i));
      return {std::move(name.name), name.kind};
    }
    case Effect::TForCall:
      return {"for iterator", "for iterator"};
    default:
      break;
  }
  const std::string_view event = event_of_instruction(i);
  if (event.empty()) return {};
  return {std::string(event), "metamethod"};
}

}  // namespace

bool calls_own_function(const Proto& proto, const Instruction* call) {
  const Effect effect = bytecode::info(bytecode::opcode(*call)).effect;
  if (effect == Effect::TForCall) return true;
  if (effect != Effect::Call && effect != Effect::TailCall) return false;
  return is_own_value(proto, static_cast<int>(call - proto.code), bytecode::op_a(*call));
}

namespace {

// The prelude calls the finalizers of a full collection in protected mode, and nothing else of a
// script's that way.
bool runs_finalizer(Vm& vm, const Level& caller) {
  return vm.heap.is_stopped_internally && caller.is_builtin() &&
         static_cast<int>(heap::frame_builtin(caller.base)) == vm.builtins.roles.pcall &&
         is_prelude_internal(caller.function(), caller.base, caller.link);
}

}  // namespace

FunctionName called_name(Vm& vm, const Level& level) {
  if (level.is_tail_called) return {};
  if (heap::link_type(level.link) == LinkType::Other) {
    const LinkKind kind = heap::link_kind(level.link);
    if (kind == LinkKind::Finalizer) return {"__gc", "metamethod"};
    if (kind == LinkKind::Interrupt || kind == LinkKind::HookStart ||
        kind == LinkKind::HookReturn) {
      return {"?", "hook"};
    }
    if (kind == LinkKind::Handler) return {};
  }
  Level caller;
  if (!physical_caller(vm, level, caller)) return {};
  if (runs_finalizer(vm, caller)) return {"__gc", "metamethod"};
  if (looks_native(caller.function())) return {};
  return name_from_instruction(*heap::frame_closure(caller.base)->proto, caller.pc);
}

std::string describe_operand(Vm& vm, const Value* operand) {
  Thread& thread = *vm.thread();
  if (looks_native(heap::frame_function(thread.base))) return {};
  Closure* closure = heap::frame_closure(thread.base);
  const Proto& proto = *closure->proto;
  ObjectName name;
  if (operand >= thread.base && operand < thread.base + proto.max_stack) {
    name = name_of_register(proto, static_cast<int>(thread.pc - 1 - proto.code),
                            static_cast<unsigned>(operand - thread.base));
  } else {
    for (unsigned n = 0; n < proto.upvalue_count; ++n) {
      if (closure->upvalues()[n]->location == operand) {
        name = {std::string(upvalue_name(proto, n)), "upvalue"};
        break;
      }
    }
    if (name.kind.empty() && operand >= proto.constants &&
        operand < proto.constants + proto.constant_count && operand->is_string()) {
      name = {std::string(operand->string()->view()), "constant"};
    }
  }
  if (name.kind.empty()) return {};
  return " (" + std::string(name.kind) + " '" + name.name + "')";
}

namespace {

// A method that an object lacks is named.
int throw_luau_call_error(Vm& vm, const Value& value) {
  Thread& thread = *vm.thread();
  if (value.is_nil() && !looks_native(heap::frame_function(thread.base))) {
    const Instruction* pc = thread.pc - 1;
    const FunctionName name = name_from_instruction(*heap::frame_closure(thread.base)->proto, pc);
    if (name.kind == "method") {
      const Value& object = thread.base[bytecode::op_a(*pc) + 1];
      return throw_here(vm, "attempt to call missing method '" + name.name + "' of " +
                                luau_type_name(vm, object));
    }
  }
  return throw_here(vm, "attempt to call a " + luau_type_name(vm, value) + " value");
}

}  // namespace

int throw_call_error(Vm& vm, const Value& value) {
  if (vm.dialect == Dialect::Luau) return throw_luau_call_error(vm, value);
  Thread& thread = *vm.thread();
  std::string extra;
  if (!looks_native(heap::frame_function(thread.base))) {
    const FunctionName name =
        name_from_instruction(*heap::frame_closure(thread.base)->proto, thread.pc - 1);
    if (!name.kind.empty()) extra = " (" + std::string(name.kind) + " '" + name.name + "')";
  }
  return throw_here(vm,
                    "attempt to call a " + std::string(type_name(vm, value)) + " value" + extra);
}

}  // namespace moonlet::vm
