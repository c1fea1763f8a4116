#include <cstring>

#include "base/cbor.hpp"
#include "heap/table.hpp"
#include "image/freezer.hpp"
#include "image/path.hpp"
#include "image/state_format.hpp"
#include "vm/host_types.hpp"

namespace moonlet::image {

using base::CborWriter;
using heap::Buffer;
using heap::Cell;
using heap::Closure;
using heap::Entry;
using heap::Kind;
using heap::Object;
using heap::Proto;
using heap::Shape;
using heap::String;
using heap::Table;
using heap::Thread;
using heap::Userdata;
using heap::Value;

namespace {

void write_words(CborWriter& out, const std::uint32_t* words, std::size_t count) {
  std::string bytes(count * 4, '\0');
  for (std::size_t n = 0; n < count; ++n) {
    for (std::size_t b = 0; b < 4; ++b) {
      bytes[n * 4 + b] = static_cast<char>(words[n] >> (8 * b));
    }
  }
  out.bytes(bytes);
}

// Without the zeros at the end, as far as they may be left out.
std::string_view written_part(std::string_view bytes) {
  const std::size_t least = written_bytes_min(bytes.size());
  std::size_t size = bytes.size();
  for (std::uint64_t word = 0; size >= least + sizeof word; size -= sizeof word) {
    std::memcpy(&word, bytes.data() + size - sizeof word, sizeof word);
    if (word != 0) break;
  }
  while (size > least && bytes[size - 1] == '\0') --size;
  return bytes.substr(0, size);
}

}  // namespace

void Freezer::write_object(Object* object) {
  switch (object->kind) {
    case Kind::String:
      return write_string(static_cast<String*>(object));
    case Kind::Table:
      return write_table(static_cast<Table*>(object));
    case Kind::Closure:
      return write_closure(static_cast<Closure*>(object));
    case Kind::Cell:
      return write_cell(static_cast<Cell*>(object));
    case Kind::Userdata:
      return write_userdata(static_cast<Userdata*>(object));
    case Kind::Thread:
      return write_thread(static_cast<Thread*>(object));
    case Kind::Buffer:
      return write_buffer(static_cast<Buffer*>(object));
    case Kind::Proto:
      return write_proto(static_cast<Proto*>(object));
    case Kind::Shape:
      return write_shape(static_cast<Shape*>(object));
  }
}

void Freezer::write_string(String* s) {
  // The library's strings have numbers of their own everywhere.
  const bool is_of_library = s->is_permanent() && !s->is_of_image();
  const std::uint64_t number = is_of_library ? 0 : identity(s);
  if (number != 0) {
    begin(Record::String);
    heads_.unsigned_integer(number);
  }
  heads_.borrowed_bytes(s->view());
}

// The room behind the record is that of the place that it takes.
std::uint8_t Freezer::table_flags(const Table& t) const {
  if (ML_LIKELY(transfer_ == nullptr)) return t.flags;
  const auto found = transfer_->numbers.find(&t);
  if (found == transfer_->numbers.end()) return t.flags;
  constexpr int kInline = 0xff & (0xff << heap::kTableInlineShift);
  return static_cast<std::uint8_t>((t.flags & ~kInline) |
                                   (template_->object(found->second)->flags & kInline));
}

void Freezer::write_table(Table* t) {
  begin(t->is_shaped() ? Record::ShapedTable : Record::Table);
  heads_.unsigned_integer(identity(t));
  heads_.unsigned_integer(table_flags(*t));
  write_array_room(*t);
  heads_.unsigned_integer(t->entry_capacity);
  reference(bodies_, t->metatable);
  write_elements(*t);
  if (t->is_shaped()) {
    reference(bodies_, t->shape());
    return values(bodies_, t->fields, t->fields + t->shape()->count);
  }
  bodies_.array(2ull * t->entry_count);
  for (std::uint32_t n = 0; n < t->entry_count; ++n) {
    const Entry& entry = t->entries[n];
    value(bodies_, entry.key());
    value(bodies_, entry.value());
  }
}

void Freezer::write_array_room(const Table& t) {
  if (t.array.is_packed()) {
    heads_.array(2);
    heads_.unsigned_integer(static_cast<std::uint64_t>(t.array.packed()));
  }
  heads_.unsigned_integer(t.array_capacity);
}

void Freezer::write_elements(const Table& t) {
  if (!t.array.is_packed()) {
    bodies_.array(t.array_count);
    return values(bodies_, t.array.values(), t.array.values() + t.array_count);
  }
  const bool are_floats = t.array.packed() == heap::Tag::Float;
  std::uint64_t* payloads = t.array.payloads();
  if (are_floats && base::has_nan(payloads, t.array_count)) {
    // Nobody can tell one from another.
    for (std::uint32_t n = 0; n < t.array_count; ++n) {
      if (base::is_other_nan(payloads[n])) payloads[n] = base::kCborNan;
    }
  }
  bodies_.tag(are_floats ? kTagFloats : kTagIntegers);
  const std::string_view bytes(reinterpret_cast<const char*>(payloads), t.array_count * 8ull);
  if constexpr (std::endian::native == std::endian::little) return bodies_.borrowed_bytes(bytes);
  std::string swapped;
  for (std::uint32_t n = 0; n < t.array_count; ++n) {
    for (int shift = 0; shift < 64; shift += 8) {
      swapped += static_cast<char>(payloads[n] >> shift);
    }
  }
  bodies_.bytes(swapped);
}

void Freezer::write_shape(Shape* s) {
  begin(Record::Shape);
  reference(heads_, s->parent);
  reference(heads_, s->count == 0 ? nullptr : s->keys()[s->count - 1]);
}

void Freezer::write_closure(Closure* c) {
  begin(Record::Closure);
  heads_.unsigned_integer(identity(c));
  if (transfer_ != nullptr) {
    if (const auto moved = transfer_->functions.find(c); moved != transfer_->functions.end()) {
      reference(heads_, moved->second.proto);
      heads_.unsigned_integer(moved->second.cells.size());
      for (heap::Cell* cell : moved->second.cells) reference(bodies_, cell);
      return;
    }
  }
  const std::uint16_t count = c->proto->upvalue_count;
  reference(heads_, c->proto);
  heads_.unsigned_integer(count);
  for (int n = 0; n < count; ++n) reference(bodies_, c->upvalues()[n]);
}

void Freezer::write_cell(Cell* c) {
  begin(c->is_open() ? Record::OpenCell : Record::Cell);
  heads_.unsigned_integer(identity(c));
  if (!c->is_open()) return value(bodies_, c->closed);
  reference(bodies_, c->open.thread);
  bodies_.unsigned_integer(c->open.thread->number(c->location));
}

void Freezer::write_userdata(Userdata* u) {
  if (vm::host_type_of(vm_, Value::from(u)) != nullptr) return write_host_object(u);
  const bool is_plain = base_.is_plain != nullptr && base_.is_plain(*u);
  if (!is_plain && !options_.carry_handles) refuse(*u, "its type has no way to save itself");
  begin(Record::Userdata);
  heads_.unsigned_integer(identity(u));
  heads_.unsigned_integer(u->type);
  heads_.unsigned_integer(u->user_value_count);
  heads_.borrowed_bytes({u->payload(), u->size});
  reference(bodies_, u->metatable);
  values(bodies_, u->user_values(), u->user_values() + u->user_value_count);
}

// The metatable is the type's. Of an object that was released, null is left.
void Freezer::write_host_object(Userdata* u) {
  begin(Record::Userdata);
  heads_.unsigned_integer(identity(u));
  heads_.unsigned_integer(type_number(u->type));
  heads_.unsigned_integer(0);
  bodies_.null();
  if (u->is_released()) return heads_.null();
  const auto saved = vm_.host_types->save(*u);
  if (!saved) {
    heads_.null();
    return refuse(*u, saved.error());
  }
  if (saved->is_number) return heads_.unsigned_integer(saved->number);
  heads_.bytes(saved->bytes);
}

void Freezer::refuse(const Userdata& u, std::string_view why) {
  if (error_.empty()) error_ = refusal(vm_, u, why);
}

void Freezer::write_buffer(Buffer* b) {
  begin(b->is_of_script() ? Record::Bytes : Record::Buffer);
  heads_.unsigned_integer(identity(b));
  if (!b->is_of_script()) heads_.unsigned_integer(b->capacity);
  heads_.unsigned_integer(b->size);
  heads_.borrowed_bytes(written_part({b->data(), b->size}));
}

void Freezer::write_proto(Proto* p) {
  if (p->root != p) {
    begin(Record::Function);
    reference(heads_, p->root);
    return heads_.unsigned_integer(p->function_index);
  }
  begin(Record::Chunk);
  heads_.array(p->function_count);
  for (std::uint32_t n = 0; n < p->function_count; ++n) write_function(heads_, *p->functions[n]);
}

void Freezer::write_function(CborWriter& out, const Proto& p) {
  out.array(14);
  reference(out, p.name);
  reference(out, p.source);
  out.unsigned_integer(p.line_defined);
  out.unsigned_integer(p.last_line_defined);
  out.unsigned_integer(p.parameter_count);
  out.boolean(p.arity == heap::kVarargArity);
  out.unsigned_integer(p.max_stack);
  write_words(out, p.code, p.code_size);
  out.bytes({reinterpret_cast<const char*>(p.heights), p.code_size});
  out.array(p.constant_count);
  for (std::uint32_t n = 0; n < p.constant_count; ++n) value(out, p.constants[n]);
  out.array(p.child_count);
  for (std::uint32_t n = 0; n < p.child_count; ++n) {
    out.unsigned_integer(p.children[n]->function_index);
  }
  out.array(3ull * p.upvalue_count);
  for (std::uint32_t n = 0; n < p.upvalue_count; ++n) {
    reference(out, p.upvalues[n].name);
    out.boolean(p.upvalues[n].from_parent_register);
    out.unsigned_integer(p.upvalues[n].index);
  }
  if (p.lines == nullptr) {
    out.null();
  } else {
    write_words(out, reinterpret_cast<const std::uint32_t*>(p.lines), p.code_size);
  }
  out.array(3ull * p.local_count);
  for (std::uint32_t n = 0; n < p.local_count; ++n) {
    reference(out, p.locals[n].name);
    out.unsigned_integer(p.locals[n].start_pc);
    out.unsigned_integer(p.locals[n].end_pc);
  }
}

}  // namespace moonlet::image
