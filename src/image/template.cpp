#include "image/template.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "heap/table.hpp"
#include "vm/host_types.hpp"

namespace moonlet::image {

using heap::Cell;
using heap::Closure;
using heap::Entry;
using heap::Frame;
using heap::Heap;
using heap::Kind;
using heap::Object;
using heap::Proto;
using heap::String;
using heap::Table;
using heap::Thread;
using heap::Userdata;
using heap::Value;

namespace {

constexpr std::size_t kBytesMax = UINT32_MAX;
// What a fork can allocate before it needs a second block.
constexpr std::size_t kRoomBytes = 512;

constexpr std::size_t round_up(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

bool is_shared_kind(const Object& object) {
  return object.kind == Kind::String || object.kind == Kind::Proto || object.kind == Kind::Shape;
}

bool is_shared(const Value& value) { return !value.is_object() || value.object->is_permanent(); }

// A table that nobody can change and that refers to nothing that a fork has of its own.
bool can_be_shared(const Table& t) {
  if ((t.flags & heap::kTableReadOnly) == 0 || (t.mark & heap::kHasFinalizer) != 0 ||
      (t.metatable != nullptr && !t.metatable->is_permanent()) ||
      (!t.array.is_packed() &&
       !std::all_of(t.array.values(), t.array.values() + t.array_count, is_shared))) {
    return false;
  }
  if (t.is_shaped()) {
    return std::all_of(t.fields, t.fields + t.shape()->count, is_shared);
  }
  return std::all_of(t.entries, t.entries + t.entry_count, [](const Entry& entry) {
    return is_shared(entry.key_reference()) && is_shared(entry.value());
  });
}

// Is it a host object that somebody has to release?
bool is_owned(const vm::Vm& vm, const Object& object) {
  if (object.kind != Kind::Userdata || vm.host_types == nullptr) return false;
  const auto& userdata = static_cast<const Userdata&>(object);
  const vm::HostTypeRow* row = vm.host_types->row_of(userdata);
  return row != nullptr && row->is_released && !userdata.is_released();
}

std::expected<void, std::string> restore_copy(const vm::Vm& vm, const Userdata& original,
                                              Userdata& copy) {
  const auto saved = vm.host_types->save(original);
  if (!saved) return std::unexpected(saved.error());
  auto done = vm.host_types->restore(copy, *saved, vm.host_types->row_of(original)->version);
  if (done) copy.flags &= static_cast<std::uint8_t>(~heap::kUserdataReleased);
  return done;
}

}  // namespace

void Template::Release::operator()(char* block) const {
  ::operator delete[](block, std::align_val_t{16});
}

// Lays the donor's objects out. A copied object's `next` in the donor holds its place.
class TemplateWriter {
 public:
  TemplateWriter(Template& out, const std::vector<Object*>& objects)
      : out_(out), heap_(out.donor_->heap), objects_(objects) {}

  const char* write() {
    make_shared();
    if (!heap_.adopt_strings(*heap_.image_strings)) return "not enough memory for the image";
    std::uint64_t bytes = 0;
    for (Object* object : objects_) {
      if (!object->is_permanent()) {
        copied_.push_back(object);
        places_.push_back(bytes);
        bytes += round_up(heap::object_bytes(*object)) + parts_bytes(*object);
      }
    }
    if (bytes > kBytesMax) return "the image's template is larger than 4 GiB";
    if (!take_block(static_cast<std::size_t>(bytes))) return "not enough memory for the image";
    copy_objects();
    note_roots();
    heap_.keep_permanent(copied_);
    return nullptr;
  }

 private:
  // ---- Strings and code.

  void make_shared() {
    for (Object* object = heap_.objects; object != nullptr;) {
      Object* next = object->next;
      if (is_shared_kind(*object)) share(*object);
      object = next;
    }
    share_tables();
    out_.objects_ = objects_;
    for (std::size_t n = 0; n < objects_.size(); ++n) {
      Object* object = objects_[n];
      if (!object->is_permanent()) continue;
      if (object->is_of_image()) {
        object->next = reinterpret_cast<Object*>(n);
        // Given now, because nobody may write to it later.
        if (object->kind != Kind::Shape) heap_.identity(object);
      } else if (object->kind == Kind::String) {
        out_.library_strings_.emplace(static_cast<String*>(object), static_cast<std::uint32_t>(n));
      }
    }
  }

  // Tables that refer to others are shared after those; rings of tables are not.
  void share_tables() {
    for (bool more = true; more;) {
      more = false;
      for (Object* object : objects_) {
        if (object->kind != Kind::Table || object->is_permanent()) continue;
        auto& table = static_cast<Table&>(*object);
        if (!can_be_shared(table)) continue;
        note_absent_events(table);
        share(table);
        more = true;
      }
    }
  }

  // A metatable notes what it lacks when it is first asked, which a shared one cannot.
  void note_absent_events(Table& table) {
    for (int event = 0; event < heap::kEventCount; ++event) {
      (void)heap::table_event(heap_, &table, static_cast<heap::Event>(event));
    }
  }

  static void share(Object& object) {
    object.mark = heap::kPermanent | heap::kOfImage;
    object.next = reinterpret_cast<Object*>(std::uintptr_t{Template::kNoNumber});
    if (object.kind == Kind::String) heap::keep_hash(static_cast<String&>(object));
  }

  // ---- Layout.

  static std::size_t parts_bytes(const Object& object) {
    if (object.kind == Kind::Table) {
      const auto& t = static_cast<const Table&>(object);
      const std::size_t array = t.array.bytes(t.array_capacity);
      if (!t.is_shaped()) return array + round_up(heap::entries_bytes(t.entry_capacity));
      return array + (t.has_inline_fields() ? 0 : t.entry_capacity * sizeof(Value));
    }
    if (object.kind == Kind::Thread) {
      const auto& t = static_cast<const Thread&>(object);
      return t.stack_size * sizeof(Value) + round_up(t.tbc_capacity * sizeof(std::uint32_t));
    }
    return 0;
  }

  bool take_block(std::size_t bytes) {
    out_.bytes_ = bytes;
    out_.block_.reset(static_cast<char*>(
        ::operator new[](std::max<std::size_t>(bytes, 1), std::align_val_t{16}, std::nothrow)));
    if (out_.block_ == nullptr) return false;
    std::memset(out_.block_.get(), 0, bytes);
    out_.numbers_.assign(bytes / Template::kGranule + 1, Template::kNoNumber);
    return true;
  }

  // ---- Copies.

  void copy_objects() {
    char* block = out_.block_.get();
    for (std::size_t n = 0, next = 0; n < objects_.size(); ++n) {
      if (objects_[n]->is_permanent()) continue;
      out_.copied_.push_back(static_cast<std::uint32_t>(n));
      const std::uint64_t place = places_[next++];
      out_.objects_[n] = reinterpret_cast<Object*>(block + place);
      out_.numbers_[place / Template::kGranule] = static_cast<std::uint32_t>(n);
      objects_[n]->next = out_.objects_[n];
    }
    Object** link = &out_.first_object_;
    for (Object* object : copied_) {
      Object* copy = object->next;
      copy_object(*object, copy);
      *link = copy;
      if (link != &out_.first_object_) relocate(link);
      link = &copy->next;
      if (object->kind == Kind::Thread) ++out_.thread_count_;
      const std::size_t bytes = round_up(heap::object_bytes(*object)) + parts_bytes(*object);
      out_.logical_bytes_ += bytes;
      out_.categories_.bytes[object->category()] += bytes;
    }
    *link = nullptr;
    out_.categories_.bytes[0] = 0;
    if (heap_.categories != nullptr) out_.categories_.names = heap_.categories->names;
    out_.category_bits_ = heap_.category_bits;
  }

  void copy_object(const Object& from, Object* to) {
    const std::size_t bytes = heap::object_bytes(from);
    std::memcpy(static_cast<void*>(to), &from, bytes);
    to->mark = static_cast<std::uint8_t>((from.mark & heap::kHasFinalizer) | heap::kWhite0 |
                                         heap::kOfTemplate);
    char* parts = reinterpret_cast<char*>(to) + round_up(bytes);
    switch (from.kind) {
      case Kind::Table:
        return copy_table(static_cast<const Table&>(from), *static_cast<Table*>(to), parts);
      case Kind::Closure: {
        auto* c = static_cast<Closure*>(to);
        for (int n = 0; n < c->flags; ++n) pointer(c->upvalues()[n]);
        return;
      }
      case Kind::Cell:
        return copy_cell(static_cast<const Cell&>(from), *static_cast<Cell*>(to));
      case Kind::Userdata: {
        auto* u = static_cast<Userdata*>(to);
        pointer(u->metatable);
        for (int n = 0; n < u->user_value_count; ++n) value(u->user_values()[n]);
        return;
      }
      case Kind::Thread:
        return copy_thread(static_cast<const Thread&>(from), *static_cast<Thread*>(to), parts);
      case Kind::String:
      case Kind::Buffer:
      case Kind::Proto:
      case Kind::Shape:
        return;
    }
  }

  void copy_table(const Table& from, Table& to, char* parts) {
    pointer(to.metatable);
    if (from.array_capacity != 0) {
      to.array = heap::Elements::at(parts, from.array.packed());
      relocate(&to.array.word());
      std::memcpy(parts, from.array.block(), from.array.bytes(from.array_count));
      for (std::uint32_t n = 0; n < from.array_count && !from.array.is_packed(); ++n) {
        value(to.array.values()[n]);
      }
      parts += from.array.bytes(from.array_capacity);
    }
    if (from.entry_capacity == 0) return;
    if (from.is_shaped()) return copy_fields(from, to, parts);
    to.entries = reinterpret_cast<Entry*>(parts);
    own(to.entries);
    std::memcpy(static_cast<void*>(parts), from.entries, from.entry_count * sizeof(Entry));
    // Its numbers are of entries.
    const std::size_t index = from.entry_capacity * sizeof(Entry);
    std::memcpy(parts + index, reinterpret_cast<const char*>(from.entries) + index,
                heap::entries_bytes(from.entry_capacity) - index);
    for (std::uint32_t n = 0; n < from.entry_count; ++n) {
      Entry& entry = to.entries[n];
      if (heap::is_key_object(entry.key_tag())) word(entry.key_bits);
      if (heap::is_collectable(entry.value_tag())) word(entry.value_bits);
    }
  }

  // The shape is shared.
  void copy_fields(const Table& from, Table& to, char* parts) {
    to.fields = from.has_inline_fields() ? to.inline_fields() : reinterpret_cast<Value*>(parts);
    own(to.fields);
    for (std::uint32_t n = 0; n < from.shape()->count; ++n) {
      to.fields[n] = from.fields[n];
      value(to.fields[n]);
    }
  }

  void copy_cell(const Cell& from, Cell& to) {
    if (!from.is_open()) {
      to.location = &to.closed;
      own(to.location);
      return value(to.closed);
    }
    const Thread& thread = *from.open.thread;
    to.location = stack_of(*static_cast<Thread*>(thread.next)) + (from.location - thread.stack);
    own(to.location);
    pointer(to.open.next_open);
    pointer(to.open.thread);
  }

  void copy_thread(const Thread& from, Thread& to, char* parts) {
    pointer(to.open_cells);
    pointer(to.resumer);
    value(to.hook_function);
    value(to.error);
    to.stack = stack_of(to);
    own(to.stack);
    to.base = to.stack + (from.base - from.stack);
    own(to.base);
    to.top = to.stack + (from.top - from.stack);
    own(to.top);
    parts += from.stack_size * sizeof(Value);
    if (from.tbc_capacity != 0) {
      to.tbc_slots = reinterpret_cast<std::uint32_t*>(parts);
      own(to.tbc_slots);
      std::copy_n(from.tbc_slots, from.tbc_count, to.tbc_slots);
    }
    to.nested_slots = nullptr;
    to.nested_capacity = 0;
    to.nested_known = from.native_depth;
    copy_slots(from, to);
  }

  // Behind the thread, copied or not yet.
  static Value* stack_of(Thread& copy) {
    return reinterpret_cast<Value*>(reinterpret_cast<char*>(&copy) + round_up(sizeof(Thread)));
  }

  // What is dead in the stack stays zero.
  void copy_slots(const Thread& from, Thread& to) {
    if (heap::has_no_frames(from)) {
      if (heap::has_plain_slots(from)) copy_values(from, to, from.stack, from.top);
      return;
    }
    Frame frame;
    for (bool more = heap::top_frame(from, frame); more; more = heap::next_frame(from, frame)) {
      copy_function_slot(from, to, frame.function_slot);
      copy_values(from, to, frame.base, frame.limit);
      if (frame.true_base == frame.base) continue;
      copy_function_slot(from, to, frame.base - 1);
      copy_values(from, to, frame.true_base, frame.base - 1);
    }
  }

  void copy_values(const Thread& from, Thread& to, const Value* begin, const Value* end) {
    for (const Value* slot = begin; slot < end; ++slot) {
      Value& copy = to.stack[slot - from.stack];
      copy = *slot;
      value(copy);
    }
  }

  // Closure or builtin, and a link, which points into code or nowhere.
  void copy_function_slot(const Thread& from, Thread& to, const Value* slot) {
    Value& copy = to.stack[slot - from.stack];
    copy = *slot;
    if (!heap::frame_is_builtin(slot + 1)) word(copy.bits);
  }

  // ---- Pointers: a copy still points to the donor's object.

  // A word that points into the block already.
  template <typename T>
  void own(T*& field) {
    relocate(&field);
  }
  void relocate(const void* field) {
    out_.relocations_.push_back(
        static_cast<std::uint32_t>(static_cast<const char*>(field) - out_.block_.get()));
  }
  template <typename T>
  void pointer(T*& field) {
    if (field == nullptr || field->is_permanent()) return;
    field = static_cast<T*>(field->next);
    relocate(&field);
  }
  void word(std::uint64_t& bits) {
    auto* object = reinterpret_cast<Object*>(bits);
    if (object->is_permanent()) return;
    bits = reinterpret_cast<std::uintptr_t>(object->next);
    relocate(&bits);
  }
  void value(Value& v) {
    if (v.is_object()) word(v.bits);
  }

  // ---- The rest.

  static Object* copy_of(Object* object) { return object->is_permanent() ? object : object->next; }

  void note_roots() {
    out_.roots_ = roots_of(heap_);
    for (Value& root : out_.roots_) {
      if (root.is_object()) root.object = copy_of(root.object);
    }
    out_.basic_metatables_ = *heap_.basic_metatables;
    out_.has_shared_metatables_ =
        std::all_of(std::begin(out_.basic_metatables_.of), std::end(out_.basic_metatables_.of),
                    [](const Table* table) { return table == nullptr || table->is_permanent(); });
    for (Object* object : heap_.finalizable) out_.finalizable_.push_back(copy_of(object));
    for (Object* object : heap_.pending_finalizers) {
      out_.pending_finalizers_.push_back(copy_of(object));
    }
    take_host_objects();
    out_.settings_ = settings_of(*out_.donor_);
    out_.root_shape_ = heap_.root_shape;
  }

  // From the donor, which has no objects any more.
  void take_host_objects() {
    heap_.finalizable.clear();
    heap_.pending_finalizers.clear();
    for (Object* object : copied_) {
      Object* copy = copy_of(object);
      if (is_owned(*out_.donor_, *copy)) {
        out_.host_objects_.push_back(static_cast<Userdata*>(copy));
      }
    }
  }

  Template& out_;
  Heap& heap_;
  const std::vector<Object*>& objects_;
  std::vector<Object*> copied_;
  std::vector<std::uint64_t> places_;  // of those
};

std::expected<std::shared_ptr<const Template>, std::string> Template::seal(
    std::unique_ptr<vm::Vm> donor, const std::vector<Object*>& objects, vm::LibrarySet libraries) {
  auto out = std::make_shared<Template>();
  out->donor_ = std::move(donor);
  out->libraries_ = libraries;
  if (const char* problem = TemplateWriter(*out, objects).write(); problem != nullptr) {
    return std::unexpected(std::string(problem));
  }
  return out;
}

Template::~Template() {
  for (Userdata* object : host_objects_) donor_->host_types->release(*object);
}

bool Template::fork_into(vm::Vm& vm) const {
  Heap& heap = vm.heap;
  char* block = heap.begin_with_block(bytes_, kRoomBytes);
  if (block == nullptr) return false;
  std::memcpy(block, block_.get(), bytes_);
  const std::uintptr_t by = displacement(vm);
  for (const std::uint32_t offset : relocations_) {
    std::uintptr_t word;
    std::memcpy(&word, block + offset, sizeof word);
    word += by;
    std::memcpy(block + offset, &word, sizeof word);
  }
  heap.objects = first_object_ == nullptr ? nullptr : moved(first_object_, by);
  heap.logical_bytes = logical_bytes_;
  if (!categories_.names.empty()) {
    heap.categories = std::make_unique<heap::Categories>(categories_);
    heap.category_bits = category_bits_;
  }
  heap.thread_count = thread_count_;
  heap.image_strings = &donor_->heap.strings;
  heap.root_shape = root_shape_;
  if (has_shared_metatables_) heap.basic_metatables = &basic_metatables_;
  const std::size_t roots = has_shared_metatables_ ? kRootMetatables : kRootCount;
  for (std::size_t n = 0; n < roots; ++n) {
    Value root = roots_[n];
    if (root.is_object() && is_inside(root.object)) root.object = moved(root.object, by);
    if (!set_root(heap, n, root)) return false;
  }
  for (Object* object : finalizable_) heap.finalizable.push_back(moved(object, by));
  for (Object* object : pending_finalizers_) heap.pending_finalizers.push_back(moved(object, by));
  for (Userdata* object : host_objects_) moved(object, by)->flags |= heap::kUserdataReleased;
  apply_settings(vm, settings_);
  return true;
}

std::expected<void, std::string> Template::own_host_objects(vm::Vm& fork,
                                                            const ObjectSet& restored) const {
  if (host_objects_.empty()) return {};
  // Those that died, or whose end is near, are not in the fork's lists any more.
  for (const auto* list : {&fork.heap.finalizable, &fork.heap.pending_finalizers}) {
    for (Object* object : *list) {
      if (!object->is_of_template() || restored.contains(object)) continue;
      const Object* original = objects_[number_of_copy(fork, object)];
      if (!is_owned(fork, *original)) continue;
      auto done = restore_copy(fork, static_cast<const Userdata&>(*original),
                               static_cast<Userdata&>(*object));
      if (!done) return done;
    }
  }
  return {};
}

}  // namespace moonlet::image
