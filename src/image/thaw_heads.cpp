// Objects by their heads: without contents.
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
    case Record::Bytes:
      return Kind::Buffer;
    case Record::Chunk:
    case Record::Function:
      return Kind::Proto;
  }
  return Kind::String;
}

}  // namespace

Object* Thawer::make_object(std::size_t number, Object* old) {
  if (!in_.ok()) return nullptr;
  if (in_.peek().major == CborMajor::Bytes) {
    records_.push_back(Record::String);
    return make_string(0, old);
  }
  const auto record = static_cast<Record>(
      in_.unsigned_integer(static_cast<std::uint64_t>(Record::Bytes), kUnknownKind));
  if (!in_.ok()) return nullptr;
  records_.push_back(record);
  if (record == Record::String) {
    const std::uint64_t id = identity();
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
    case Record::ShapedTable:
      object = make_table(static_cast<Table*>(old), record == Record::ShapedTable);
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
      object = make_cell(static_cast<Cell*>(old));
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
    case Record::Bytes:
      object = make_script_buffer(static_cast<Buffer*>(old));
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

Object* Thawer::make_table(Table* old, bool is_shaped) {
  const std::uint64_t id = identity();
  const auto flags =
      static_cast<std::uint8_t>(in_.unsigned_integer(255, "table flags out of range"));
  auto packed = heap::Tag::Nil;
  if (in_.peek().major == CborMajor::Array) {
    const std::uint64_t parts = in_.array();
    packed = static_cast<heap::Tag>(in_.unsigned_integer(255, "unknown packing"));
    if (in_.ok() && (parts != 2 || !heap::Elements::can_pack(packed))) fail("unknown packing");
  }
  const auto array_capacity =
      static_cast<std::uint32_t>(in_.unsigned_integer(1u << 30, "array capacity out of range"));
  const bool is_packed = packed != heap::Tag::Nil;
  if (in_.ok() && is_packed && (array_capacity == 0 || (flags & heap::kTableIntegerEntries) != 0)) {
    fail("a packed array without room, or with others beside it");
  }
  const auto entry_capacity = static_cast<std::uint32_t>(in_.unsigned_integer(
      is_shaped ? 2ull * heap::kShapeKeysMax : 1u << 30, "entry capacity out of range"));
  const int inline_step = flags >> heap::kTableInlineShift;
  if (in_.ok() && old != nullptr && old->flags >> heap::kTableInlineShift != inline_step) {
    fail("a table that has changed its size");
  }
  if (!in_.ok()) return old;
  Table* t = old;
  if (t == nullptr) {
    t = vm_.heap.new_bare_table(static_cast<std::uint8_t>(inline_step));
    if (t == nullptr) return nullptr;
  } else {
    heap::table_empty(vm_.heap, *t);
  }
  t->set_identity(id);
  t->flags = flags;
  const bool done =
      heap::table_restore(vm_.heap, *t, array_capacity, packed, is_shaped ? 0 : entry_capacity) &&
      (!is_shaped || heap::table_restore_fields(vm_.heap, *t, entry_capacity));
  return done ? t : nullptr;
}

// Its code follows when there is code.
Object* Thawer::make_closure(std::size_t number, Closure* old) {
  const std::uint64_t id = identity();
  closures_.push_back({number, in_.offset()});
  in_.skip();
  const std::uint64_t count = in_.unsigned_integer(255, "too many upvalues");
  if (in_.ok() && old != nullptr && count != old->flags) {
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

Object* Thawer::make_cell(Cell* old) {
  Cell* c = old;
  if (c == nullptr) {
    c = vm_.heap.new_closed_cell(Value::nil());
    if (c == nullptr) return nullptr;
  } else if (c->is_open()) {
    heap::detach_cell(*c);
  }
  c->set_identity(identity());
  return c;
}

Object* Thawer::make_userdata(Userdata* old) {
  const std::uint64_t id = identity();
  const auto type = static_cast<std::uint16_t>(in_.unsigned_integer(65535, "type out of range"));
  const std::uint64_t user_values = in_.unsigned_integer(65535, "too many user values");
  if (in_.ok() && type >= 1 && type <= vm::kHostTypesMax) {
    if (user_values == 0) return make_host_object(id, type, old);
    fail("user values of a host object");
  }
  const std::string_view payload = in_.bytes();
  if (!in_.ok()) return old;
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
  const std::uint64_t id = identity();
  const std::uint64_t size = in_.unsigned_integer(16'100'000, "stack size out of range");
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
  const std::uint64_t id = identity();
  const std::uint64_t capacity = in_.unsigned_integer(1u << 31, "buffer size out of range");
  return fill_buffer(id, capacity, 0, old);
}

Object* Thawer::make_script_buffer(Buffer* old) {
  return fill_buffer(identity(), kNoCapacity, heap::kBufferOfScript, old);
}

// What both have: a size, and bytes as far as they are not zeros at the end.
Object* Thawer::fill_buffer(std::uint64_t id, std::uint64_t capacity, std::uint8_t flags,
                            Buffer* old) {
  const std::uint64_t size_max = capacity == kNoCapacity ? heap::kScriptBufferMax : capacity;
  const std::uint64_t size = in_.unsigned_integer(size_max, "buffer size out of range");
  const std::string_view data = in_.bytes();
  if (!in_.ok()) return old;
  if (capacity == kNoCapacity) capacity = size;
  const std::size_t least = written_bytes_min(static_cast<std::size_t>(size));
  const bool is_canonical =
      data.size() <= size && data.size() >= least && (data.size() == least || data.back() != '\0');
  if (!is_canonical || (old != nullptr && old->capacity != capacity)) {
    fail("a buffer with a wrong size");
    return old;
  }
  Buffer* b = old;
  if (b == nullptr) {
    b = vm_.heap.new_buffer(static_cast<std::uint32_t>(capacity));
    if (b == nullptr) return nullptr;
  }
  b->set_identity(id);
  b->flags = flags;
  b->size = static_cast<std::uint32_t>(size);
  std::copy(data.begin(), data.end(), b->data());
  std::fill_n(b->data() + data.size(), static_cast<std::size_t>(size) - data.size(), '\0');
  return b;
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
    begin_object(place.number);
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
    begin_object(place.number);
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

}  // namespace moonlet::image
