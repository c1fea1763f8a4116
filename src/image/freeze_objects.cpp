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

void record(CborWriter& out, Record kind, std::uint64_t fields) {
  out.array(fields + 1);
  out.unsigned_integer(static_cast<std::uint64_t>(kind));
}

void write_words(CborWriter& out, const std::uint32_t* words, std::size_t count) {
  std::string bytes(count * 4, '\0');
  for (std::size_t n = 0; n < count; ++n) {
    for (std::size_t b = 0; b < 4; ++b) {
      bytes[n * 4 + b] = static_cast<char>(words[n] >> (8 * b));
    }
  }
  out.bytes(bytes);
}

}  // namespace

void Freezer::write_object(CborWriter& out, Object* object) {
  switch (object->kind) {
    case Kind::String:
      return write_string(out, static_cast<String*>(object));
    case Kind::Table:
      return write_table(out, static_cast<Table*>(object));
    case Kind::Closure:
      return write_closure(out, static_cast<Closure*>(object));
    case Kind::Cell:
      return write_cell(out, static_cast<Cell*>(object));
    case Kind::Userdata:
      return write_userdata(out, static_cast<Userdata*>(object));
    case Kind::Thread:
      return write_thread(out, static_cast<Thread*>(object));
    case Kind::Buffer:
      return write_buffer(out, static_cast<Buffer*>(object));
    case Kind::Proto:
      return write_proto(out, static_cast<Proto*>(object));
    case Kind::Shape:
      return write_shape(out, static_cast<Shape*>(object));
  }
}

void Freezer::write_string(CborWriter& out, String* s) {
  // The library's strings have numbers of their own everywhere.
  const bool is_of_library = s->is_permanent() && !s->is_of_image();
  const std::uint64_t identity = is_of_library ? 0 : s->identity();
  if (identity == 0) return out.bytes(s->view());
  record(out, Record::String, 2);
  out.unsigned_integer(identity);
  out.bytes(s->view());
}

void Freezer::write_table(CborWriter& out, Table* t) {
  if (t->is_shaped()) return write_shaped_table(out, t);
  record(out, Record::Table, 7);
  out.unsigned_integer(t->identity());
  out.unsigned_integer(t->flags);
  reference(out, t->metatable);
  out.unsigned_integer(t->array_capacity);
  out.array(t->array_count);
  for (std::uint32_t n = 0; n < t->array_count; ++n) value(out, t->array[n]);
  out.unsigned_integer(t->entry_capacity);
  out.array(2ull * t->entry_count);
  for (std::uint32_t n = 0; n < t->entry_count; ++n) {
    const Entry& entry = t->entries[n];
    value(out, entry.key());
    value(out, entry.value());
  }
}

void Freezer::write_shaped_table(CborWriter& out, Table* t) {
  record(out, Record::ShapedTable, 8);
  out.unsigned_integer(t->identity());
  out.unsigned_integer(t->flags);
  reference(out, t->metatable);
  out.unsigned_integer(t->array_capacity);
  values(out, t->array, t->array + t->array_count);
  out.unsigned_integer(t->entry_capacity);
  reference(out, t->shape());
  values(out, t->fields, t->fields + t->shape()->count);
}

void Freezer::write_shape(CborWriter& out, Shape* s) {
  record(out, Record::Shape, 2);
  reference(out, s->parent);
  reference(out, s->count == 0 ? nullptr : s->keys()[s->count - 1]);
}

void Freezer::write_closure(CborWriter& out, Closure* c) {
  const std::uint16_t count = c->proto->upvalue_count;
  record(out, Record::Closure, 3);
  out.unsigned_integer(c->identity());
  reference(out, c->proto);
  out.array(count);
  for (int n = 0; n < count; ++n) reference(out, c->upvalues()[n]);
}

void Freezer::write_cell(CborWriter& out, Cell* c) {
  if (!c->is_open()) {
    record(out, Record::Cell, 2);
    out.unsigned_integer(c->identity());
    return value(out, c->closed);
  }
  record(out, Record::OpenCell, 3);
  out.unsigned_integer(c->identity());
  reference(out, c->open.thread);
  out.unsigned_integer(c->open.thread->number(c->location));
}

void Freezer::write_userdata(CborWriter& out, Userdata* u) {
  if (vm::host_type_of(vm_, Value::from(u)) != nullptr) return write_host_object(out, u);
  const bool is_plain = base_.is_plain != nullptr && base_.is_plain(*u);
  if (!is_plain && !options_.carry_handles) refuse(*u, "its type has no way to save itself");
  record(out, Record::Userdata, 5);
  out.unsigned_integer(u->identity());
  out.unsigned_integer(u->type);
  reference(out, u->metatable);
  out.array(u->user_value_count);
  for (int n = 0; n < u->user_value_count; ++n) value(out, u->user_values()[n]);
  out.bytes({u->payload(), u->size});
}

// The metatable is the type's. Of an object that was released, null is left.
void Freezer::write_host_object(CborWriter& out, Userdata* u) {
  record(out, Record::Userdata, 5);
  out.unsigned_integer(u->identity());
  out.unsigned_integer(type_number(u->type));
  out.null();
  out.array(0);
  if (u->is_released()) return out.null();
  const auto saved = vm_.host_types->save(*u);
  if (!saved) return refuse(*u, saved.error());
  if (saved->is_number) return out.unsigned_integer(saved->number);
  out.bytes(saved->bytes);
}

void Freezer::refuse(const Userdata& u, std::string_view why) {
  if (error_.empty()) error_ = refusal(vm_, u, why);
}

void Freezer::write_buffer(CborWriter& out, Buffer* b) {
  record(out, Record::Buffer, 3);
  out.unsigned_integer(b->identity());
  out.unsigned_integer(b->capacity);
  out.bytes({b->data(), b->size});
}

void Freezer::write_proto(CborWriter& out, Proto* p) {
  if (p->root != p) {
    record(out, Record::Function, 2);
    reference(out, p->root);
    return out.unsigned_integer(p->function_index);
  }
  record(out, Record::Chunk, 1);
  out.array(p->function_count);
  for (std::uint32_t n = 0; n < p->function_count; ++n) write_function(out, *p->functions[n]);
}

void Freezer::write_function(CborWriter& out, const Proto& p) {
  out.array(13);
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
