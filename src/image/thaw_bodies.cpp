// Objects' contents.
#include <algorithm>
#include <bit>
#include <cstring>

#include "heap/shape.hpp"
#include "heap/table.hpp"
#include "image/state_format.hpp"
#include "image/thawer.hpp"
#include "vm/host_types.hpp"

namespace moonlet::image {

using base::CborHead;
using heap::Cell;
using heap::Closure;
using heap::Kind;
using heap::Object;
using heap::Proto;
using heap::Table;
using heap::Tag;
using heap::Thread;
using heap::Userdata;
using heap::Value;

namespace {

// Does the value belong into the array part?
bool is_element(const Table& t, const Value& key, const Value& value) {
  if (!key.is_integer() || value.is_nil()) return false;
  const std::uint64_t position = static_cast<std::uint64_t>(key.integer) - 1;
  return position < t.array_count;
}

// Is this a function of the library that never assigns to its upvalue? Its cells are shared by all
// Vms. As deep as the library's sources nest functions.
bool only_reads(const Proto& proto, std::size_t upvalue) {
  if ((proto.flags & heap::kProtoIsBuiltin) == 0) return false;
  for (std::uint32_t pc = 0; pc < proto.code_size;) {
    const bytecode::Instruction i = proto.code[pc];
    const bytecode::Opcode opcode = bytecode::opcode(i);
    if (opcode == bytecode::Opcode::SetUpvalue && bytecode::op_b(i) == upvalue) return false;
    pc += 1u + bytecode::info(opcode).aux_words;
  }
  for (std::uint32_t n = 0; n < proto.child_count; ++n) {
    const Proto& child = *proto.children[n];
    for (std::size_t u = 0; u < child.upvalue_count; ++u) {
      const heap::UpvalueInfo& info = child.upvalues[u];
      if (!info.from_parent_register && info.index == upvalue && !only_reads(child, u))
        return false;
    }
  }
  return true;
}

}  // namespace

void Thawer::fill_object(Object* object, Record record) {
  switch (record) {
    case Record::Table:
      fill_table(static_cast<Table&>(*object));
      return fill_entries(static_cast<Table&>(*object));
    case Record::ShapedTable:
      fill_table(static_cast<Table&>(*object));
      return fill_fields(static_cast<Table&>(*object));
    case Record::Closure:
      return fill_closure(static_cast<Closure&>(*object));
    case Record::Cell:
      static_cast<Cell*>(object)->closed = plain_value();
      return;
    case Record::OpenCell:
      return fill_open_cell(static_cast<Cell&>(*object));
    case Record::Userdata:
      return fill_userdata(static_cast<Userdata&>(*object));
    case Record::Thread:
      return fill_thread(static_cast<Thread&>(*object));
    case Record::String:
    case Record::Shape:
    case Record::Buffer:
    case Record::Bytes:
    case Record::Chunk:
    case Record::Function:
      return;
  }
}

// What tables begin with.
void Thawer::fill_table(Table& t) {
  t.metatable = static_cast<Table*>(object_or_null(Kind::Table));
  if (t.array.is_packed()) return fill_packed(t);
  const std::uint64_t count = in_.array();
  if (count > t.array_capacity) return fail("a table with more elements than room");
  Value* elements = t.array.values();
  for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
    elements[n] = plain_value();
    t.array_count = static_cast<std::uint32_t>(n + 1);
  }
  if (in_.ok() && count > 0 && elements[count - 1].is_nil()) fail("an array that ends in nil");
}

void Thawer::fill_packed(Table& t) {
  const bool are_floats = t.array.packed() == Tag::Float;
  const CborHead tag = in_.head();
  const std::string_view bytes = in_.bytes();
  if (!in_.ok()) return;
  if (tag.major != base::CborMajor::Tag ||
      tag.argument != (are_floats ? kTagFloats : kTagIntegers)) {
    return fail("elements of another kind");
  }
  const std::size_t count = bytes.size() / 8;
  if (bytes.size() % 8 != 0) return fail("incomplete elements");
  if (count > t.array_capacity) return fail("a table with more elements than room");
  std::uint64_t* payloads = t.array.payloads();
  std::memcpy(payloads, bytes.data(), bytes.size());
  if constexpr (std::endian::native == std::endian::big) {
    for (std::size_t n = 0; n < count; ++n) payloads[n] = std::byteswap(payloads[n]);
  }
  if (are_floats && base::has_nan(payloads, count) &&
      std::any_of(payloads, payloads + count, base::is_other_nan)) {
    return fail("a NaN that is not the only one");
  }
  t.array_count = static_cast<std::uint32_t>(count);
}

void Thawer::fill_fields(Table& t) {
  auto* shape = static_cast<heap::Shape*>(object(Kind::Shape));
  if (!in_.ok()) return;
  if (shape->count > t.entry_capacity) return fail("a table with more fields than room");
  for (std::uint32_t n = 0; n < shape->count && in_.ok(); ++n) t.fields[n] = plain_value();
  t.shape_word = reinterpret_cast<std::uintptr_t>(shape);
}

void Thawer::fill_entries(Table& t) {
  const std::uint64_t entries = in_.array();
  if (entries % 2 != 0 || entries / 2 > t.entry_capacity) {
    return fail("a table with more entries than room");
  }
  const std::uint8_t flags = t.flags;
  bool has_dead_keys = false;
  for (std::uint64_t n = 0; n < entries && in_.ok(); n += 2) {
    Value key = value();
    const Value v = plain_value();
    if (!in_.ok()) return;
    if (key.is(Tag::DeadKey)) {
      if (!v.is_nil()) return fail("a dead key with a value");
      has_dead_keys = true;
    } else if (key.is_vector()) {
      return fail("a vector as it is no key");
    } else if (heap::normalize_key(key) != heap::SetResult::Ok) {
      return fail("a key that is nil or NaN");
    } else if (heap::table_find(t, key) != nullptr || is_element(t, key, v) ||
               (key.is_integer() && t.array.is_packed())) {
      return fail("a key that is not where it belongs");
    }
    heap::table_restore_entry(vm_.heap, t, key, v);
  }
  // Dead keys are found by their identity, which a living one must not have.
  for (std::uint32_t n = 0; has_dead_keys && n < t.entry_count; ++n) {
    const Value key = t.entries[n].key();
    if (!key.is(Tag::DeadKey) && heap::table_find(t, key) != &t.entries[n]) {
      return fail("a dead key that is a living one");
    }
  }
  t.flags = static_cast<std::uint8_t>(t.flags | flags);
}

void Thawer::fill_closure(Closure& c) {
  for (std::size_t n = 0; n < c.flags && in_.ok(); ++n) {
    auto* cell = static_cast<Cell*>(object(Kind::Cell));
    if (!in_.ok()) return;
    if (cell->is_permanent() && !only_reads(*c.proto, n)) {
      return fail("a variable of the library's in a function that may change it");
    }
    c.upvalues()[n] = cell;
  }
}

void Thawer::fill_open_cell(Cell& c) {
  auto* thread = static_cast<Thread*>(object(Kind::Thread));
  const std::uint64_t slot = in_.unsigned_integer();
  if (!in_.ok()) return;
  if (slot >= thread->stack_size) return fail("an upvalue outside of its stack");
  open_cells_.push_back({thread, slot, &c});
}

void Thawer::fill_userdata(Userdata& u) {
  auto* metatable = static_cast<Table*>(object_or_null(Kind::Table));
  if (vm::host_type_of(vm_, Value::from(&u)) == nullptr) {
    u.metatable = metatable;
  } else if (metatable != nullptr) {
    return fail("a metatable of a host object");
  }
  for (int n = 0; n < u.user_value_count && in_.ok(); ++n) u.user_values()[n] = plain_value();
}

}  // namespace moonlet::image
