#include <algorithm>
#include <unordered_map>

#include "base/cbor.hpp"
#include "image/state.hpp"
#include "image/state_format.hpp"
#include "vm/builtin.hpp"

namespace moonlet::image {

using base::CborMajor;
using base::CborWriter;
using heap::Buffer;
using heap::Cell;
using heap::Closure;
using heap::Entry;
using heap::Frame;
using heap::Kind;
using heap::LinkKind;
using heap::LinkType;
using heap::Object;
using heap::Proto;
using heap::String;
using heap::Table;
using heap::Tag;
using heap::Thread;
using heap::Userdata;
using heap::Value;

namespace {

// Object -> number. Addresses are only looked up, never walked.
class Numbering {
 public:
  Numbering() : slots_(1024) {}
  // The number, given on first sight (`is_new`).
  std::uint32_t number(Object* object, bool& is_new) {
    if (count_ * 4 >= slots_.size() * 3) grow();
    Slot& slot = find(object);
    is_new = slot.object == nullptr;
    if (is_new) {
      slot.object = object;
      slot.number = static_cast<std::uint32_t>(count_++);
    }
    return slot.number;
  }

 private:
  struct Slot {
    Object* object = nullptr;
    std::uint32_t number = 0;
  };
  Slot& find(Object* object) {
    std::size_t at = (reinterpret_cast<std::uintptr_t>(object) * 0x9e3779b97f4a7c15u) >> 20;
    for (;; ++at) {
      Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.object == nullptr || slot.object == object) return slot;
    }
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.object != nullptr) find(slot.object) = slot;
    }
  }
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

class Freezer {
 public:
  Freezer(vm::Vm& vm, const BaseObjects& base, const FreezeOptions& options)
      : vm_(vm), options_(options) {
    for (std::size_t n = 0; n < base.objects.size(); ++n) {
      base_numbers_.emplace(base.objects[n], static_cast<std::uint32_t>(n));
    }
    fingerprint_ = base.fingerprint;
  }

  std::expected<std::string, FreezeError> freeze() {
    vm_.heap.collect_full();
    CborWriter head = write_roots();
    CborWriter body;
    for (std::size_t n = 0; n < order_.size(); ++n) {
      write_object(body, order_[n]);
      if (!error_.empty()) return std::unexpected(FreezeError{error_});
    }
    // Layout: [version, fingerprint, builtin names, object count, objects..., roots]
    CborWriter out;
    out.array(6);
    out.unsigned_integer(kStateVersion);
    out.unsigned_integer(fingerprint_);
    out.array(builtin_names_.size());
    for (const std::string_view name : builtin_names_) out.text(name);
    write_scalars(out);
    out.array(order_.size());
    std::string bytes = std::move(out.output());
    bytes += body.output();
    bytes += head.output();
    return bytes;
  }

 private:
  CborWriter write_roots() {
    heap::Heap& heap = vm_.heap;
    CborWriter out;
    out.array(7 + heap::kBasicTypeCount);
    reference(out, heap.main_thread);
    reference(out, heap.current_thread);
    reference(out, heap.globals);
    reference(out, heap.registry);
    value(out, heap.error);
    for (Table* metatable : heap.type_metatables) reference(out, metatable);
    out.array(heap.finalizable.size());
    for (Object* object : heap.finalizable) reference(out, object);
    out.array(heap.pending_finalizers.size());
    for (Object* object : heap.pending_finalizers) reference(out, object);
    return out;
  }

  void write_scalars(CborWriter& out) {
    const heap::Heap& heap = vm_.heap;
    out.array(20);
    out.unsigned_integer(heap.next_identity);
    out.unsigned_integer(heap.estimate);
    out.integer(heap.debt);
    out.integer(heap.pause_percent);
    out.integer(heap.step_multiplier);
    out.integer(heap.step_size_log2);
    out.unsigned_integer(static_cast<std::uint64_t>(heap.mode));
    out.boolean(heap.is_stopped_by_user);
    out.boolean(heap.is_stopped_internally);
    for (const std::uint64_t word : vm_.random_state) out.unsigned_integer(word);
    out.boolean(vm_.warnings_on);
    out.unsigned_integer(vm_.fuel_used + static_cast<std::uint64_t>(vm_.slice_size - vm_.fuel));
    out.unsigned_integer(vm_.safepoint_count);
    out.unsigned_integer(static_cast<std::uint64_t>(vm_.outcome));
    out.unsigned_integer(heap.memory_limit);
    out.unsigned_integer(vm_.fuel_budget);
    out.unsigned_integer(vm_.limits.stack_slots_max);
  }

  // ---- Values.

  void reference(CborWriter& out, Object* object) {
    if (object == nullptr) return out.null();
    if (object->is_permanent() && object->kind != Kind::String) {
      const auto found = base_numbers_.find(object);
      if (found == base_numbers_.end()) {
        error_ = "an object of another engine";
        return out.null();
      }
      out.tag(kTagBase);
      return out.unsigned_integer(found->second);
    }
    bool is_new;
    const std::uint32_t number = numbering_.number(object, is_new);
    if (is_new) order_.push_back(object);
    out.tag(kTagObject);
    out.unsigned_integer(number);
  }

  void value(CborWriter& out, const Value& v) {
    switch (v.tag()) {
      case Tag::Nil:
        return out.null();
      case Tag::False:
        return out.boolean(false);
      case Tag::True:
        return out.boolean(true);
      case Tag::Integer:
        return out.integer(v.integer);
      case Tag::Float:
        return out.number(v.number);
      case Tag::Builtin:
        out.tag(kTagBuiltin);
        return out.unsigned_integer(builtin_number(v.builtin()));
      case Tag::LightUserdata:
        out.tag(kTagLight);
        return out.unsigned_integer(v.bits);
      case Tag::DeadKey:
        out.tag(kTagDeadKey);
        return out.unsigned_integer(v.bits);
      case Tag::Vector:
        ML_UNREACHABLE();
      default:
        return reference(out, v.object);
    }
  }

  std::uint32_t builtin_number(std::uint32_t index) {
    const auto [found, is_new] =
        builtin_numbers_.try_emplace(index, static_cast<std::uint32_t>(builtin_names_.size()));
    if (is_new) builtin_names_.push_back(vm_.builtins.rows[index].name);
    return found->second;
  }

  static void record(CborWriter& out, Record kind, std::uint64_t fields) {
    out.array(fields + 1);
    out.unsigned_integer(static_cast<std::uint64_t>(kind));
  }

  // ---- Objects.

  void write_object(CborWriter& out, Object* object) {
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
    }
  }

  void write_string(CborWriter& out, String* s) {
    const std::uint64_t identity = s->is_permanent() ? 0 : s->identity();
    if (identity == 0) return out.bytes(s->view());
    record(out, Record::String, 2);
    out.unsigned_integer(identity);
    out.bytes(s->view());
  }

  void write_table(CborWriter& out, Table* t) {
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

  void write_closure(CborWriter& out, Closure* c) {
    const std::uint16_t count = c->proto->upvalue_count;
    record(out, Record::Closure, 3);
    out.unsigned_integer(c->identity());
    reference(out, c->proto);
    out.array(count);
    for (int n = 0; n < count; ++n) reference(out, c->upvalues()[n]);
  }

  void write_cell(CborWriter& out, Cell* c) {
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

  void write_userdata(CborWriter& out, Userdata* u) {
    if (!options_.carry_handles) {
      Value name = heap::table_event(vm_.heap, u->metatable, heap::Event::Name);
      error_ = "a value of type " +
               (name.is_string() ? std::string(name.string()->view()) : std::string("userdata")) +
               " cannot be frozen: its type has no way to save itself";
    }
    record(out, Record::Userdata, 5);
    out.unsigned_integer(u->identity());
    out.unsigned_integer(u->type);
    reference(out, u->metatable);
    out.array(u->user_value_count);
    for (int n = 0; n < u->user_value_count; ++n) value(out, u->user_values()[n]);
    out.bytes({u->payload(), u->size});
  }

  void write_buffer(CborWriter& out, Buffer* b) {
    record(out, Record::Buffer, 3);
    out.unsigned_integer(b->identity());
    out.unsigned_integer(b->capacity);
    out.bytes({b->data(), b->size});
  }

  // The whole chunk is written with its root; other functions name root and index.
  void write_proto(CborWriter& out, Proto* p) {
    if (p->root != p) {
      record(out, Record::Function, 2);
      reference(out, p->root);
      return out.unsigned_integer(p->function_index);
    }
    record(out, Record::Chunk, 1);
    out.array(p->function_count);
    for (std::uint32_t n = 0; n < p->function_count; ++n) write_function(out, *p->functions[n]);
  }

  void write_function(CborWriter& out, const Proto& p) {
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

  static void write_words(CborWriter& out, const std::uint32_t* words, std::size_t count) {
    std::string bytes(count * 4, '\0');
    for (std::size_t n = 0; n < count; ++n) {
      for (int b = 0; b < 4; ++b)
        bytes[n * 4 + static_cast<std::size_t>(b)] = static_cast<char>(words[n] >> (8 * b));
    }
    out.bytes(bytes);
  }

  // ---- Threads. Frames are written from the bottom up.

  void write_thread(CborWriter& out, Thread* t) {
    record(out, Record::Thread, 12);
    out.unsigned_integer(t->identity());
    out.unsigned_integer(t->stack_size);
    out.unsigned_integer(static_cast<std::uint64_t>(t->status));
    out.unsigned_integer(static_cast<std::uint64_t>(t->entry));
    out.unsigned_integer(t->native_depth);
    out.unsigned_integer(t->inherited_depth);
    reference(out, t->resumer);
    value(out, t->error);
    write_hook(out, *t);
    out.unsigned_integer(t->tbc_capacity);
    out.array(t->tbc_count);
    for (std::uint32_t n = 0; n < t->tbc_count; ++n) out.unsigned_integer(t->tbc_slots[n]);
    write_frames(out, *t);
  }

  // Absent when no hook was ever set.
  void write_hook(CborWriter& out, const Thread& t) {
    if (t.hook_function.is_nil() && !t.in_hook) return out.null();
    out.array(8);
    out.unsigned_integer(t.hook_mask);
    out.unsigned_integer(t.hook_stage);
    out.boolean(t.in_hook);
    out.integer(t.hook_count);
    out.integer(t.hook_countdown);
    out.unsigned_integer(t.hook_position);
    out.unsigned_integer(builtin_number(t.hook_builtin));
    value(out, t.hook_function);
  }

  void values(CborWriter& out, const Value* from, const Value* to) {
    out.array(to > from ? static_cast<std::uint64_t>(to - from) : 0);
    for (; from < to; ++from) value(out, *from);
  }

  void write_frames(CborWriter& out, const Thread& t) {
    std::vector<Frame> frames;
    Frame frame;
    for (bool more = heap::top_frame(t, frame); more; more = heap::next_frame(t, frame)) {
      frames.push_back(frame);
    }
    std::reverse(frames.begin(), frames.end());
    if (frames.empty()) {
      // A fresh or finished coroutine: only the values that wait in its stack.
      out.array(1);
      return values(out, t.stack, t.top);
    }
    out.array(frames.size() + 1);
    // How the top frame goes on: its open top, and where delivered results begin.
    out.array(3);
    out.boolean(t.open_top);
    const bool has_top = t.open_top || heap::frame_is_builtin(t.base);
    out.unsigned_integer(has_top ? t.number(t.top) : 0);
    out.unsigned_integer(t.entry == heap::ThreadEntry::Deliver ? t.results_from : 0);
    for (const Frame& f : frames) write_frame(out, t, f);
  }

  void write_frame(CborWriter& out, const Thread& t, const Frame& f) {
    std::uint64_t link = kFrameLua;
    switch (heap::link_type(f.link)) {
      case LinkType::Lua:
        break;
      case LinkType::LuaTail:
        link = kFrameLuaTail;
        break;
      default:
        link = kFrameOther + static_cast<std::uint64_t>(heap::link_kind(f.link));
        if ((f.link & heap::kLinkOpenTop) != 0) link |= kFrameFlagOpenTop;
        if ((f.link & heap::kLinkTailCalled) != 0) link |= kFrameFlagTailCalled;
    }
    out.array(7);
    out.unsigned_integer(link);
    // Of HookReturn on a native frame: the number of results that wait below.
    out.unsigned_integer(link >= kFrameOther ? heap::link_position(f.link) : 0);
    out.unsigned_integer(t.number(f.function_slot));
    value(out, f.is_builtin ? Value::from_builtin(heap::frame_builtin(f.base))
                            : Value::from(heap::frame_closure(f.base)));
    out.unsigned_integer(f.position);
    // Extra arguments, then registers.
    values(out, f.true_base, f.true_base == f.base ? f.base : f.base - 1);
    values(out, f.base, f.limit);
  }

  vm::Vm& vm_;
  FreezeOptions options_;
  std::uint64_t fingerprint_;
  Numbering numbering_;
  std::vector<Object*> order_;
  std::unordered_map<const Object*, std::uint32_t> base_numbers_;
  std::unordered_map<std::uint32_t, std::uint32_t> builtin_numbers_;
  std::vector<std::string_view> builtin_names_;
  std::string error_;
};

}  // namespace

std::expected<std::string, FreezeError> freeze(vm::Vm& vm, const BaseObjects& base,
                                               const FreezeOptions& options) {
  return Freezer(vm, base, options).freeze();
}

}  // namespace moonlet::image
