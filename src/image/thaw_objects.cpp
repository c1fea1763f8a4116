// Objects, first without contents, then these.
#include <algorithm>

#include "heap/shape.hpp"
#include "heap/table.hpp"
#include "image/state_format.hpp"
#include "image/thawer.hpp"
#include "vm/host_types.hpp"

namespace moonlet::image {

using base::CborHead;
using base::CborMajor;
using base::CborReader;
using heap::Buffer;
using heap::Cell;
using heap::Closure;
using heap::Kind;
using heap::Object;
using heap::Proto;
using heap::String;
using heap::Table;
using heap::Tag;
using heap::Thread;
using heap::Userdata;
using heap::Value;

namespace {

constexpr const char* kUnknownKind = "unknown kind of object";

// 0: there is no such kind.
std::uint64_t fields_of(Record kind) {
  switch (kind) {
    case Record::String:
      return 3;
    case Record::Table:
      return 8;
    case Record::Closure:
      return 4;
    case Record::Cell:
      return 3;
    case Record::OpenCell:
      return 4;
    case Record::Userdata:
      return 6;
    case Record::Thread:
      return 13;
    case Record::Buffer:
      return 4;
    case Record::Chunk:
      return 2;
    case Record::Function:
      return 3;
    case Record::ShapedTable:
      return 9;
    case Record::Shape:
      return 3;
  }
  return 0;
}

Kind kind_of(Record record) {
  switch (record) {
    case Record::String:
      return Kind::String;
    case Record::Table:
    case Record::ShapedTable:
      return Kind::Table;
    case Record::Shape:
      return Kind::Shape;
    case Record::Closure:
      return Kind::Closure;
    case Record::Cell:
    case Record::OpenCell:
      return Kind::Cell;
    case Record::Userdata:
      return Kind::Userdata;
    case Record::Thread:
      return Kind::Thread;
    case Record::Buffer:
      return Kind::Buffer;
    case Record::Chunk:
    case Record::Function:
      return Kind::Proto;
  }
  return Kind::String;
}

// Does the value belong into the array part?
bool is_element(const Table& t, const Value& key, const Value& value) {
  if (!key.is_integer() || value.is_nil()) return false;
  const std::uint64_t position = static_cast<std::uint64_t>(key.integer) - 1;
  return position < t.array_count || (position == t.array_count && position < t.array_capacity);
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

Object* Thawer::make_object(std::size_t number, Object* old) {
  const CborHead head = in_.peek();
  if (head.major == CborMajor::Bytes) return make_string(0, old);
  const std::uint64_t fields = in_.array();
  const auto record = static_cast<Record>(in_.unsigned_integer(UINT8_MAX, kUnknownKind));
  if (!in_.ok()) return nullptr;
  if (fields_of(record) == 0) {
    fail(kUnknownKind);
    return nullptr;
  }
  if (fields != fields_of(record)) {
    fail("an object with a wrong number of fields");
    return nullptr;
  }
  if (record == Record::String) {
    const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
    return make_string(id, old);
  }
  if (old != nullptr && old->kind != kind_of(record)) {
    fail("an object that has changed its kind");
    return nullptr;
  }
  Object* object = nullptr;
  switch (record) {
    case Record::String:
      ML_UNREACHABLE();
    case Record::Table:
      object = make_table(static_cast<Table*>(old));
      break;
    case Record::ShapedTable:
      object = make_shaped_table(static_cast<Table*>(old));
      break;
    case Record::Shape:
      shapes_.push_back({number, in_.offset()});
      in_.skip();
      in_.skip();
      return nullptr;
    case Record::Closure:
      object = make_closure(number, static_cast<Closure*>(old));
      break;
    case Record::Cell:
    case Record::OpenCell:
      object = make_cell(fields, static_cast<Cell*>(old));
      break;
    case Record::Userdata:
      object = make_userdata(static_cast<Userdata*>(old));
      break;
    case Record::Thread:
      object = make_thread(static_cast<Thread*>(old));
      break;
    case Record::Buffer:
      object = make_buffer(static_cast<Buffer*>(old));
      break;
    case Record::Chunk:
      chunks_.push_back({number, in_.offset()});
      in_.skip();
      return nullptr;
    case Record::Function:
      functions_.push_back({number, in_.offset()});
      in_.skip();
      in_.skip();
      return nullptr;
  }
  if (object == nullptr) no_memory();
  return object;
}

// A Buffer may have become a string.
Object* Thawer::make_string(std::uint64_t id, Object* old) {
  const std::string_view text = in_.bytes();
  if (!in_.ok()) return nullptr;
  String* s = nullptr;
  if (old == nullptr) {
    s = vm_.heap.new_string(text);
  } else if (old->kind == Kind::Buffer) {
    auto& buffer = static_cast<Buffer&>(*old);
    if (text.size() <= buffer.capacity) {
      std::copy(text.begin(), text.end(), buffer.data());
      buffer.size = static_cast<std::uint32_t>(text.size());
      if (heap::can_become_string(buffer)) s = heap::to_string(buffer);
    }
    if (s == nullptr) fail("a string that does not fit where it was made");
  } else {
    fail("an object that has changed its kind");
  }
  if (s == nullptr) {
    no_memory();
  } else if (!s->is_permanent()) {
    s->set_identity(id);
  }
  return s;
}

void Thawer::identity(Object* object) {
  object->set_identity(in_.unsigned_integer(kIdentityMax, "identity out of range"));
}

// What both kinds of tables begin with, up to the elements. Null: no memory.
Table* Thawer::begin_table(Table* old, std::uint32_t& array_capacity) {
  const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
  const auto flags =
      static_cast<std::uint8_t>(in_.unsigned_integer(255, "table flags out of range"));
  in_.skip();
  array_capacity =
      static_cast<std::uint32_t>(in_.unsigned_integer(1u << 30, "array capacity out of range"));
  const std::uint64_t array_count = in_.peek().argument;
  in_.skip();
  if (in_.ok() && array_count > array_capacity) fail("a table with more elements than room");
  const int inline_step = flags >> heap::kTableInlineShift;
  if (in_.ok() && old != nullptr && old->flags >> heap::kTableInlineShift != inline_step) {
    fail("a table that has changed its size");
  }
  Table* t = old;
  if (t == nullptr) {
    t = vm_.heap.new_bare_table(static_cast<std::uint8_t>(inline_step));
    if (t == nullptr) return nullptr;
  } else {
    heap::table_empty(vm_.heap, *t);
  }
  if (!in_.ok()) return t;
  t->set_identity(id);
  t->flags = flags;
  return t;
}

Object* Thawer::make_table(Table* old) {
  std::uint32_t array_capacity = 0;
  Table* t = begin_table(old, array_capacity);
  const auto entry_capacity =
      static_cast<std::uint32_t>(in_.unsigned_integer(1u << 30, "entry capacity out of range"));
  const std::uint64_t entries = in_.peek().argument;
  in_.skip();
  if (in_.ok() && (entries % 2 != 0 || entries / 2 > entry_capacity)) {
    fail("a table with more entries than room");
  }
  if (!in_.ok() || t == nullptr) return t;
  return heap::table_restore(vm_.heap, *t, array_capacity, entry_capacity) ? t : nullptr;
}

Object* Thawer::make_shaped_table(Table* old) {
  std::uint32_t array_capacity = 0;
  Table* t = begin_table(old, array_capacity);
  const auto capacity = static_cast<std::uint32_t>(
      in_.unsigned_integer(2ull * heap::kShapeKeysMax, "room for fields out of range"));
  in_.skip();
  const std::uint64_t fields = in_.peek().argument;
  in_.skip();
  if (in_.ok() && fields > capacity) fail("a table with more fields than room");
  if (!in_.ok() || t == nullptr) return t;
  return heap::table_restore(vm_.heap, *t, array_capacity, 0) &&
                 heap::table_restore_fields(vm_.heap, *t, capacity)
             ? t
             : nullptr;
}

// ---- Shapes.

void Thawer::make_shapes() {
  for (const Place& place : shapes_) {
    if (numbered_object(place.number) == nullptr) make_shape(place, 0);
    if (!in_.ok()) return;
  }
}

// Parents first. No list of keys is longer than kShapeKeysMax, so this goes no deeper.
heap::Shape* Thawer::make_shape(const Place& place, int depth) {
  if (depth > static_cast<int>(heap::kShapeKeysMax)) {
    fail("a shape with too many keys");
    return nullptr;
  }
  in_ = reader_at(place.offset);
  const CborHead head = in_.peek();
  heap::Shape* shape = nullptr;
  if (head.major == CborMajor::Simple) {
    in_.skip();
    shape = heap::root_shape(vm_.heap);
  } else {
    // The parent may be further down in the list.
    CborReader parent_at = in_;
    const CborHead tag = parent_at.head();
    const std::uint64_t number = parent_at.unsigned_integer();
    if (tag.major == CborMajor::Tag && tag.argument == kTagObject && parent_at.ok() &&
        numbered_object(number) == nullptr) {
      const auto found =
          std::lower_bound(shapes_.begin(), shapes_.end(), number,
                           [](const Place& p, std::uint64_t wanted) { return p.number < wanted; });
      if (found == shapes_.end() || found->number != number) {
        fail("a shape without its parent");
        return nullptr;
      }
      if (make_shape(*found, depth + 1) == nullptr) return nullptr;
      in_ = reader_at(place.offset);
    }
    auto* parent = static_cast<heap::Shape*>(object(Kind::Shape));
    auto* key = static_cast<String*>(object(Kind::String));
    if (!in_.ok()) return nullptr;
    if (key->is_long() || heap::shape_find(*parent, key) != heap::kNoSlot) {
      fail("a shape with a wrong key");
      return nullptr;
    }
    const heap::ShapeStep step = heap::shape_add(vm_.heap, *parent, key);
    if (step.refused) {
      fail("too many shapes");
      return nullptr;
    }
    shape = step.shape;
  }
  if (shape == nullptr) {
    no_memory();
    return nullptr;
  }
  objects_[place.number - first_number_] = shape;
  return shape;
}

// Its code follows when there is code.
Object* Thawer::make_closure(std::size_t number, Closure* old) {
  const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
  closures_.push_back({number, in_.offset()});
  in_.skip();
  const std::uint64_t count = in_.peek().argument;
  in_.skip();
  if (in_.ok() && (old == nullptr ? count > 255 : count != old->flags)) {
    fail("a function with a wrong number of upvalues");
  }
  if (!in_.ok()) return old;
  Closure* c = old;
  if (c == nullptr) {
    c = static_cast<Closure*>(
        vm_.heap.new_object(Kind::Closure, heap::closure_bytes(static_cast<std::size_t>(count))));
    if (c == nullptr) return nullptr;
    c->flags = static_cast<std::uint8_t>(count);
    c->proto = nullptr;
  }
  c->set_identity(id);
  for (std::uint64_t u = 0; u < count; ++u) c->upvalues()[u] = nullptr;
  return c;
}

Object* Thawer::make_cell(std::uint64_t fields, Cell* old) {
  Cell* c = old;
  if (c == nullptr) {
    c = vm_.heap.new_closed_cell(Value::nil());
    if (c == nullptr) return nullptr;
  } else if (c->is_open()) {
    heap::detach_cell(*c);
  }
  identity(c);
  for (std::uint64_t f = 2; f < fields; ++f) in_.skip();
  return c;
}

Object* Thawer::make_userdata(Userdata* old) {
  const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
  const auto type = static_cast<std::uint16_t>(in_.unsigned_integer(65535, "type out of range"));
  in_.skip();
  const std::uint64_t user_values = in_.peek().argument;
  in_.skip();
  if (in_.ok() && type >= 1 && type <= vm::kHostTypesMax) {
    if (user_values == 0) return make_host_object(id, type, old);
    fail("user values of a host object");
  }
  const std::string_view payload = in_.bytes();
  if (!in_.ok()) return old;
  if (user_values > 65535) {
    fail("too many user values");
    return old;
  }
  Userdata* u = old;
  if (u == nullptr) {
    u = vm_.heap.new_userdata(static_cast<std::uint32_t>(payload.size()),
                              static_cast<std::uint16_t>(user_values));
    if (u == nullptr) return nullptr;
  } else if (vm::host_type_of(vm_, Value::from(u)) != nullptr || u->size != payload.size() ||
             u->user_value_count != user_values) {
    fail("a userdata that has changed its type or size");
    return old;
  }
  u->set_identity(id);
  u->type = type;
  std::copy(payload.begin(), payload.end(), u->payload());
  return u;
}

Object* Thawer::make_thread(Thread* old) {
  const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
  const std::uint64_t size = in_.unsigned_integer(16'100'000, "stack size out of range");
  for (int f = 3; f < 13; ++f) in_.skip();
  if (in_.ok() && size == 0) fail("a stack that is too small");
  if (!in_.ok()) return old;
  Thread* t = old;
  if (t == nullptr) {
    t = vm_.heap.new_thread(static_cast<std::uint32_t>(size));
  } else if (!heap::restart_thread(vm_.heap, *t, static_cast<std::uint32_t>(size))) {
    return nullptr;
  }
  if (t != nullptr) t->set_identity(id);
  return t;
}

Object* Thawer::make_buffer(Buffer* old) {
  const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
  const std::uint64_t capacity = in_.unsigned_integer(1u << 31, "buffer size out of range");
  const std::string_view data = in_.bytes();
  if (!in_.ok()) return old;
  if (data.size() > capacity || (old != nullptr && old->capacity != capacity)) {
    fail("a buffer with a wrong size");
    return old;
  }
  Buffer* b = old;
  if (b == nullptr) {
    b = vm_.heap.new_buffer(static_cast<std::uint32_t>(capacity));
    if (b == nullptr) return nullptr;
  }
  b->set_identity(id);
  b->size = static_cast<std::uint32_t>(data.size());
  std::copy(data.begin(), data.end(), b->data());
  return b;
}

void Thawer::fill_object(Object* object) {
  const CborHead head = in_.peek();
  if (head.major == CborMajor::Bytes) return in_.skip();
  in_.array();
  const auto kind = static_cast<Record>(in_.unsigned_integer());
  switch (kind) {
    case Record::String:
      in_.skip();
      return in_.skip();
    case Record::Table:
      return fill_table(static_cast<Table&>(*object));
    case Record::ShapedTable:
      return fill_shaped_table(static_cast<Table&>(*object));
    case Record::Shape:
      in_.skip();
      return in_.skip();
    case Record::Closure:
      return fill_closure(static_cast<Closure&>(*object));
    case Record::Cell:
      in_.skip();
      static_cast<Cell*>(object)->closed = plain_value();
      return;
    case Record::OpenCell:
      return fill_open_cell(static_cast<Cell&>(*object));
    case Record::Userdata:
      return fill_userdata(static_cast<Userdata&>(*object));
    case Record::Thread:
      return fill_thread(static_cast<Thread&>(*object));
    case Record::Buffer:
      in_.skip();
      in_.skip();
      return in_.skip();
    case Record::Chunk:
      return in_.skip();
    case Record::Function:
      in_.skip();
      return in_.skip();
  }
}

void Thawer::fill_elements(Table& t) {
  in_.skip();
  in_.skip();
  t.metatable = static_cast<Table*>(object_or_null(Kind::Table));
  in_.skip();
  const std::uint64_t count = in_.array();
  for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
    t.array[n] = plain_value();
    t.array_count = static_cast<std::uint32_t>(n + 1);
  }
  if (in_.ok() && count > 0 && t.array[count - 1].is_nil()) fail("an array that ends in nil");
}

void Thawer::fill_shaped_table(Table& t) {
  fill_elements(t);
  in_.skip();
  auto* shape = static_cast<heap::Shape*>(object(Kind::Shape));
  const std::uint64_t count = in_.array();
  if (!in_.ok()) return;
  if (count != shape->count) return fail("a table that does not fit its shape");
  for (std::uint64_t n = 0; n < count && in_.ok(); ++n) t.fields[n] = plain_value();
  t.shape_word = reinterpret_cast<std::uintptr_t>(shape);
}

void Thawer::fill_table(Table& t) {
  fill_elements(t);
  if (!in_.ok()) return;
  in_.skip();
  const std::uint64_t entries = in_.array();
  const std::uint8_t flags = t.flags;
  bool has_dead_keys = false;
  for (std::uint64_t n = 0; n < entries && in_.ok(); n += 2) {
    Value key = value();
    const Value v = plain_value();
    if (!in_.ok()) return;
    if (key.is(Tag::DeadKey)) {
      if (!v.is_nil()) return fail("a dead key with a value");
      has_dead_keys = true;
    } else if (heap::normalize_key(key) != heap::SetResult::Ok) {
      return fail("a key that is nil or NaN");
    } else if (heap::table_find(t, key) != nullptr || is_element(t, key, v)) {
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
  in_.skip();
  in_.skip();
  const std::uint64_t count = in_.array();
  for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
    auto* cell = static_cast<Cell*>(object(Kind::Cell));
    if (!in_.ok()) return;
    if (cell->is_permanent() && !only_reads(*c.proto, static_cast<std::size_t>(n))) {
      return fail("a variable of the library's in a function that may change it");
    }
    c.upvalues()[n] = cell;
  }
}

void Thawer::fill_open_cell(Cell& c) {
  in_.skip();
  auto* thread = static_cast<Thread*>(object(Kind::Thread));
  const std::uint64_t slot = in_.unsigned_integer();
  if (!in_.ok()) return;
  if (slot >= thread->stack_size) return fail("an upvalue outside of its stack");
  open_cells_.push_back({thread, slot, &c});
}

void Thawer::fill_userdata(Userdata& u) {
  in_.skip();
  in_.skip();
  auto* metatable = static_cast<Table*>(object_or_null(Kind::Table));
  if (vm::host_type_of(vm_, Value::from(&u)) == nullptr) {
    u.metatable = metatable;
  } else if (metatable != nullptr) {
    return fail("a metatable of a host object");
  }
  const std::uint64_t count = in_.array();
  for (std::uint64_t n = 0; n < count && in_.ok(); ++n) u.user_values()[n] = plain_value();
  in_.skip();
}

}  // namespace moonlet::image
