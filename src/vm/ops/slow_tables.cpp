// Slow paths of table access: metamethods, errors, growth.
#include <algorithm>

#include "heap/shape.hpp"
#include "vm/debug.hpp"
#include "vm/host_types.hpp"
#include "vm/ops/slow.hpp"
#include "vm/vectors.hpp"

namespace moonlet::vm::ops {

using heap::load_fact;
using heap::SetResult;
using heap::write_fact;

namespace {

// What takes less than 100,000 instructions; the reference has 2,000.
constexpr int kChainMax = 800;
// Shorter chains are passed by shortcuts, whose use is not the program's doing.
constexpr int kFreeChain = 16;

Value* base_of(Vm& vm) { return vm.thread()->base; }
const Value* constants_of(Vm& vm) {
  return heap::frame_closure(vm.thread()->base)->proto->constants;
}

// ---- What sites learn.

// Code of an image is shared, and knows the image's shapes only; the library's knows none.
bool may_note(const Proto& proto, const Table& table) {
  return !proto.is_permanent() || (proto.is_of_image() && table.shape()->is_permanent());
}

std::uint64_t fact(const heap::Shape* shape, std::uint64_t slot) {
  return reinterpret_cast<std::uintptr_t>(shape) << 16 | slot;
}

// Where the table has the key; 0 when it does not, or when that may not be noted.
std::uint64_t place_of(const Proto& proto, const Table& table, const String* key) {
  if (table.is_shaped()) {
    const std::uint32_t slot = heap::shape_find(*table.shape(), key);
    return slot == heap::kNoSlot || !may_note(proto, table) ? 0 : fact(table.shape(), slot);
  }
  const heap::Entry* entry = heap::table_find_short(table, key);
  if (entry == nullptr) return 0;
  const auto number = static_cast<std::uint64_t>(entry - table.entries);
  // Never to be mistaken for the fact of a shape.
  return number > 0x7fff ? 0 : number * 2 + 1;
}

bool is_of_shape(std::uint64_t place) { return place >> 16 != 0; }

bool is_of_absence(std::uint64_t place) { return (place & 0xffff) == heap::kAbsentSlot; }

// `object` is a table in which the key was looked for.
void note_site(Vm& vm, const Table& object, const String* key, std::uint32_t constant) {
  const Proto& proto = *heap::frame_closure(vm.thread()->base)->proto;
  if (key->is_long()) return;
  heap::Site& site = *heap::site_of(proto.constants, constant);
  const std::uint64_t place = place_of(proto, object, key);
  if (is_of_shape(place)) {
    // Two shapes are known at a time.
    const std::uint64_t own = load_fact(site.own);
    const std::uint64_t other = load_fact(site.other);
    if (own != place && (other == 0 || is_of_shape(other))) {
      write_fact(site.other, own);
    }
    return write_fact(site.own, place);
  }
  if (place != 0) return write_fact(site.other, place);
  const auto lacks_key = [&](const Table& table) {
    return table.is_shaped() && heap::shape_find(*table.shape(), key) == heap::kNoSlot &&
           may_note(proto, table);
  };
  if (lacks_key(object)) {
    write_fact(site.absent, fact(object.shape(), 0));
  } else if (object.is_shaped() ? !heap::has_no_fields(object)
                                : heap::table_find_short(object, key) != nullptr) {
    return;
  }
  const Table* owner = heap::index_table(vm.heap, object.metatable);
  const std::uint64_t other = load_fact(site.other);
  const bool is_free = other == 0 || is_of_absence(other);
  if (owner != nullptr && is_free && lacks_key(*owner)) {
    write_fact(site.other, fact(owner->shape(), heap::kAbsentSlot));
    owner = heap::index_table(vm.heap, owner->metatable);
  }
  if (owner == nullptr) return;
  if (const std::uint64_t owned = place_of(proto, *owner, key); owned != 0) {
    write_fact(site.inherited, owned);
  }
}

// Methods of strings: what __index of their metatable names.
void note_string_site(Vm& vm, const String* key, std::uint32_t constant) {
  const Proto& proto = *heap::frame_closure(vm.thread()->base)->proto;
  const Table* owner = heap::index_table(vm.heap, vm.heap.basic_metatable(heap::BasicType::String));
  if (owner == nullptr || key->is_long()) return;
  const std::uint64_t place = place_of(proto, *owner, key);
  if (place != 0) write_fact(heap::site_of(proto.constants, constant)->inherited, place);
}

// For a store: where the key is now.
void note_present(Vm& vm, const Table& object, const String* key, std::uint32_t constant) {
  const Proto& proto = *heap::frame_closure(vm.thread()->base)->proto;
  if (key->is_long()) return;
  const std::uint64_t place = place_of(proto, object, key);
  if (place == 0) return;
  heap::Site& site = *heap::site_of(proto.constants, constant);
  write_fact(object.is_shaped() ? site.own : site.other, place);
}

void note_addition(Vm& vm, const Table& object, const String* key, std::uint32_t constant) {
  const Proto& proto = *heap::frame_closure(vm.thread()->base)->proto;
  if (!object.is_shaped() || key->is_long() || !may_note(proto, object)) return;
  const std::uint64_t place = place_of(proto, object, key);
  if (place != 0) write_fact(heap::site_of(proto.constants, constant)->inherited, place);
}

// The value of a short string in shaped tables, found from class to class; nullptr: not this way.
const Value* find_in_shapes(Vm& vm, const Table& object, const String* key,
                            heap::MethodCache::Place& place) {
  std::uint64_t shapes[heap::MethodCache::kDepthMax];
  const Table* owner = &object;
  for (std::uint32_t depth = 0; depth < 16 && owner->is_shaped(); ++depth) {
    if (depth < std::size(shapes)) shapes[depth] = owner->shape_word;
    const std::uint32_t slot = heap::shape_find(*owner->shape(), key);
    if (slot != heap::kNoSlot) {
      if (owner->fields[slot].is_nil()) return nullptr;
      if (depth < std::size(shapes)) {
        std::copy_n(shapes, depth + 1, place.shapes);
        place.key = key;
        place.depth = depth;
        place.slot = slot;
      }
      return &owner->fields[slot];
    }
    owner = heap::index_table(vm.heap, owner->metatable);
    if (owner == nullptr) return nullptr;
  }
  return nullptr;
}

// The same where it was found the last time; nullptr: that is not known.
const Value* find_in_place(const Table& object, const String* key,
                           const heap::MethodCache::Place& place) {
  if (place.key != key || place.shapes[0] != object.shape_word) return nullptr;
  const Table* owner = &object;
  for (std::uint32_t depth = 0; depth < place.depth;) {
    const Table* metatable = owner->metatable;
    if (metatable == nullptr || !metatable->is_shaped()) return nullptr;
    const std::uint32_t slot = metatable->shape()->index_slot;
    if (slot == heap::kNoSlot || !metatable->fields[slot].is_table()) return nullptr;
    owner = metatable->fields[slot].table();
    if (owner->shape_word != place.shapes[++depth]) return nullptr;
  }
  const Value& value = owner->fields[place.slot];
  return value.is_nil() ? nullptr : &value;
}

// R[a] = object[key]; `aux` words are skipped.
Flow get(Vm& vm, const Value* object, const Value& key, unsigned a, unsigned aux) {
  Thread& thread = *vm.thread();
  if (!is_ready_as_key(vm, key)) return Flow::NoMemory;
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
      Value component;
      if (current.is_vector() && vector_component(current, key, component)) {
        thread.base[a] = component;
        thread.pc += aux;
        return Flow::Next;
      }
      // Methods of host objects are found without a call of their __index.
      if (key.is_string() && host_type_of(vm, current) != nullptr) {
        const Value method = vm.host_types->method(*current.userdata(), key.string()->view());
        if (!method.is_nil()) {
          thread.base[a] = method;
          thread.pc += aux;
          return Flow::Next;
        }
      }
      handler = metamethod(vm, current, Event::Index);
      if (handler.is_nil()) {
        throw_index_error(vm, chain == 0 ? object : &current, key);
        return throw_pending(vm);
      }
    }
    if (handler.is_function()) return call_metamethod(vm, handler, current, key);
    current = handler;
    if (chain >= kFreeChain) --vm.fuel;
  }
  throw_here(vm, "'__index' chain too long; possible loop");
  return throw_pending(vm);
}

Flow set(Vm& vm, const Value* object, const Value& key, const Value& value, unsigned aux) {
  Thread& thread = *vm.thread();
  if (!is_ready_as_key(vm, key)) return Flow::NoMemory;
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
          throw_readonly_error(vm, chain == 0 ? object : &current, key);
          return throw_pending(vm);
        }
        const GrowsInPieces grows(vm);
        // A key that stands in the program, or one that was computed.
        const SetResult result = aux == 1
                                     ? heap::table_set_named(vm.heap, table, key.string(), value)
                                     : heap::table_set(vm.heap, table, key, value);
        switch (result) {
          case SetResult::Ok:
            thread.pc += aux;
            return Flow::Next;
          case SetResult::NoMemory:
            return Flow::NoMemory;
          case SetResult::NilKey:
            throw_here(vm, "table index is nil");
            return throw_pending(vm);
          case SetResult::NanKey:
            throw_here(vm, key.is_vector() ? "table index contains NaN" : "table index is NaN");
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
    if (chain >= kFreeChain) --vm.fuel;
  }
  throw_here(vm, "'__newindex' chain too long; possible loop");
  return throw_pending(vm);
}

const Value* upvalue(Vm& vm, unsigned index) {
  return heap::frame_closure(vm.thread()->base)->upvalues()[index]->location;
}

}  // namespace

namespace {

// The key that the auxiliary word names, noted for the next time.
Flow get_named(Vm& vm, const Value* object, unsigned a) {
  Thread& thread = *vm.thread();
  const std::uint32_t constant = *thread.pc;
  const Proto& proto = *heap::frame_closure(thread.base)->proto;
  const Value key = proto.constants[constant];
  if (object->is_table()) {
    note_site(vm, *object->table(), key.string(), constant);
  } else if (object->is_string()) {
    note_string_site(vm, key.string(), constant);
  }
  return get(vm, object, key, a, 1);
}

Flow set_named(Vm& vm, const Value* object, const Value& value) {
  const std::uint32_t constant = *vm.thread()->pc;
  const Value key = constants_of(vm)[constant];
  Table* table = object->is_table() ? object->table() : nullptr;
  const std::uint64_t before = table == nullptr ? 0 : table->shape_word;
  if (table != nullptr) note_present(vm, *table, key.string(), constant);
  // No metamethod has run when the shape changes.
  const Flow flow = set(vm, object, key, value, 1);
  if (flow == Flow::Next && table != nullptr && table->shape_word != before) {
    note_addition(vm, *table, key.string(), constant);
  }
  return flow;
}

}  // namespace

// A site that is passed by many kinds of objects would forget one for the other at each lesson, and
// a lesson takes ten times what a look into the method cache takes.
inline bool learns_now(Vm& vm) { return (++vm.unknown_sites & 255) == 0; }

const Value* find_unnoted(Vm& vm, const Table& object, const String* key, const heap::Site& site) {
  const bool is_new =
      load_fact(site.own) == 0 && load_fact(site.absent) == 0 && load_fact(site.other) == 0;
  if (is_new || learns_now(vm) || key->is_long()) return nullptr;
  std::unique_ptr<heap::MethodCache>& cache = vm.heap.method_cache;
  if (ML_UNLIKELY(cache == nullptr)) cache = std::make_unique<heap::MethodCache>();
  heap::MethodCache::Place& place = cache->place(object, key);
  if (const Value* found = find_in_place(object, key, place); ML_LIKELY(found != nullptr)) {
    return found;
  }
  return find_in_shapes(vm, object, key, place);
}

Value* find_unnoted_field(Vm& vm, Table& object, const String* key, const heap::Site& site) {
  if (!object.is_shaped() || (object.flags & heap::kTableReadOnly) != 0 ||
      load_fact(site.own) == 0 || learns_now(vm) || key->is_long()) {
    return nullptr;
  }
  Value* field = heap::table_find_field(object, key);
  return field == nullptr || field->is_nil() ? nullptr : field;
}

Flow get_global(Vm& vm, Instruction i) {
  return get_named(vm, upvalue(vm, bytecode::op_b(i)), bytecode::op_a(i));
}
Flow get_field(Vm& vm, Instruction i) {
  return get_named(vm, base_of(vm) + bytecode::op_b(i), bytecode::op_a(i));
}
Flow get_table(Vm& vm, Instruction i) {
  return get(vm, base_of(vm) + bytecode::op_b(i), base_of(vm)[bytecode::op_c(i)], bytecode::op_a(i),
             0);
}

namespace {

// The key of a GetInteger or SetInteger, as handlers are to see it.
Value small_key(const Vm& vm, Instruction i) {
  const auto number = static_cast<int>(bytecode::op_c(i));
  return vm.dialect == Dialect::Luau ? Value::from(static_cast<double>(number))
                                     : Value::from(number);
}

}  // namespace

Flow get_integer(Vm& vm, Instruction i) {
  return get(vm, base_of(vm) + bytecode::op_b(i), small_key(vm, i), bytecode::op_a(i), 0);
}
Flow set_global(Vm& vm, Instruction i) {
  return set_named(vm, upvalue(vm, bytecode::op_b(i)), base_of(vm)[bytecode::op_a(i)]);
}
Flow set_field(Vm& vm, Instruction i) {
  return set_named(vm, base_of(vm) + bytecode::op_b(i), base_of(vm)[bytecode::op_a(i)]);
}
Flow set_table(Vm& vm, Instruction i) {
  return set(vm, base_of(vm) + bytecode::op_b(i), base_of(vm)[bytecode::op_c(i)],
             base_of(vm)[bytecode::op_a(i)], 0);
}
Flow set_integer(Vm& vm, Instruction i) {
  return set(vm, base_of(vm) + bytecode::op_b(i), small_key(vm, i), base_of(vm)[bytecode::op_a(i)],
             0);
}

// The receiver's copy is written last: its register is dead while a metamethod looks the method up.
Flow self(Vm& vm, Instruction i) {
  const unsigned a = bytecode::op_a(i);
  const Value object = base_of(vm)[bytecode::op_b(i)];
  // Userdata of Luau may have one function for all of its methods.
  if (vm.dialect == Dialect::Luau && object.is_userdata() &&
      object.userdata()->metatable != nullptr) {
    const Value handler = heap::get_field(vm.heap, *object.userdata()->metatable, "__namecall");
    if (!handler.is_nil()) {
      base_of(vm)[a] = handler;
      base_of(vm)[a + 1] = object;
      ++vm.thread()->pc;
      return Flow::Next;
    }
  }
  const Flow flow = get_named(vm, base_of(vm) + bytecode::op_b(i), a);
  if (flow == Flow::Next) base_of(vm)[a + 1] = object;
  return flow;
}

Table* make_table(Vm& vm, unsigned fields, std::uint32_t elements) {
  return fields == 0 || fields > heap::kShapeKeysMax ? vm.heap.new_table(elements, fields)
                                                     : vm.heap.new_record(elements, fields);
}

Flow new_table(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  Table* table = make_table(vm, bytecode::op_b(i), *thread.pc);
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
  const GrowsInPieces grows(vm);
  if (!heap::table_set_list(vm.heap, table, first, &thread.base[a + 1], count)) {
    return Flow::NoMemory;
  }
  ++thread.pc;
  return Flow::Next;
}

}  // namespace moonlet::vm::ops
