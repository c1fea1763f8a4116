#include <algorithm>

#include "base/cbor.hpp"
#include "bytecode/analysis.hpp"
#include "image/state.hpp"
#include "image/state_format.hpp"
#include "vm/call.hpp"
#include "vm/hooks.hpp"
#include "vm/loader.hpp"

namespace moonlet::image {

using base::CborHead;
using base::CborMajor;
using base::CborReader;
using bytecode::Effect;
using bytecode::Instruction;
using heap::Buffer;
using heap::Cell;
using heap::Closure;
using heap::Kind;
using heap::LinkKind;
using heap::Object;
using heap::Proto;
using heap::String;
using heap::Table;
using heap::Tag;
using heap::Thread;
using heap::ThreadEntry;
using heap::ThreadStatus;
using heap::Userdata;
using heap::Value;

namespace {

constexpr std::uint64_t kIdentityMax = (std::uint64_t{1} << 40) - 1;

// Reads a state in two passes over its objects: the first makes each of them, the second fills
// them, when every reference has something to point to.
class Thawer {
 public:
  Thawer(vm::Vm& vm, const BaseObjects& base, std::string_view state)
      : vm_(vm), base_(base), in_(state), state_(state) {}

  std::expected<void, std::string> thaw() {
    read_all();
    if (!in_.ok()) {
      return std::unexpected("bad state at byte " + std::to_string(in_.offset()) + ": " +
                             (message_.empty() ? in_.error() : message_));
    }
    return {};
  }

 private:
  void read_all() {
    if (in_.array() != 6) return fail("not a state of this format");
    const std::uint64_t version = in_.unsigned_integer();
    if (in_.ok() && version != kStateVersion) {
      return fail("format version " + std::to_string(version) + ", this program reads version " +
                  std::to_string(kStateVersion));
    }
    const std::uint64_t fingerprint = in_.unsigned_integer();
    if (in_.ok() && fingerprint != base_.fingerprint) {
      return fail("made with another version of the library");
    }
    read_builtin_names();
    read_scalars();
    const std::size_t begin = in_.offset();
    const std::uint64_t count = in_.array();
    if (!in_.ok()) return;
    objects_.assign(static_cast<std::size_t>(count), nullptr);
    for (std::size_t n = 0; n < objects_.size() && in_.ok(); ++n) make_object(n);
    if (!in_.ok()) return;
    make_functions();
    if (!in_.ok()) return;
    // Second pass.
    in_ = CborReader(state_);
    in_ = reader_at(begin);
    in_.array();
    for (std::size_t n = 0; n < objects_.size() && in_.ok(); ++n) fill_object(n);
    read_roots();
    if (in_.ok() && in_.left() != 0) fail("bytes after the end");
    if (in_.ok()) link_open_cells();
    if (in_.ok()) check_threads();
    if (in_.ok()) apply_scalars();
  }

  CborReader reader_at(std::size_t offset) {
    CborReader reader(state_);
    reader.seek(offset);
    return reader;
  }

  void fail(std::string message) {
    if (!in_.ok()) return;
    message_ = std::move(message);
    in_.fail("");
  }
  void no_memory() { fail("not enough memory"); }

  // ---- Small parts.

  void read_builtin_names() {
    const std::uint64_t count = in_.array();
    for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
      const std::string_view name = in_.text();
      const int index = vm_.builtins.find(name);
      if (index < 0) return fail("unknown function '" + std::string(name) + "'");
      builtins_.push_back(static_cast<std::uint32_t>(index));
    }
  }

  void read_scalars() {
    if (in_.array() != 20) return fail("wrong number of settings");
    scalars_.next_identity = in_.unsigned_integer(kIdentityMax, "identity out of range");
    scalars_.estimate = in_.unsigned_integer();
    scalars_.debt = in_.integer();
    scalars_.pause = in_.integer();
    scalars_.multiplier = in_.integer();
    scalars_.step_size = in_.integer();
    scalars_.mode = in_.unsigned_integer(1, "unknown collector mode");
    scalars_.stopped_by_user = in_.boolean();
    scalars_.stopped_internally = in_.boolean();
    for (std::uint64_t& word : scalars_.random) word = in_.unsigned_integer();
    scalars_.warnings = in_.boolean();
    scalars_.fuel_used = in_.unsigned_integer();
    scalars_.safepoints = in_.unsigned_integer();
    scalars_.outcome =
        in_.unsigned_integer(static_cast<std::uint64_t>(vm::Outcome::Exit), "unknown outcome");
    scalars_.memory_limit = in_.unsigned_integer();
    scalars_.fuel_budget = in_.unsigned_integer();
    scalars_.stack_slots_max = in_.unsigned_integer(16'000'000, "stack limit out of range");
  }

  void apply_scalars() {
    heap::Heap& heap = vm_.heap;
    heap.next_identity = scalars_.next_identity;
    heap.estimate = scalars_.estimate;
    heap.debt = scalars_.debt;
    heap.pause_percent = static_cast<int>(scalars_.pause);
    heap.step_multiplier = static_cast<int>(scalars_.multiplier);
    heap.step_size_log2 = static_cast<int>(scalars_.step_size);
    heap.mode = static_cast<heap::GcMode>(scalars_.mode);
    heap.is_stopped_by_user = scalars_.stopped_by_user;
    heap.is_stopped_internally = scalars_.stopped_internally;
    std::copy(std::begin(scalars_.random), std::end(scalars_.random), vm_.random_state);
    vm_.warnings_on = scalars_.warnings;
    vm_.fuel_used = scalars_.fuel_used;
    vm_.safepoint_count = scalars_.safepoints;
    vm_.outcome = static_cast<vm::Outcome>(scalars_.outcome);
    heap.memory_limit = scalars_.memory_limit;
    vm_.fuel_budget = scalars_.fuel_budget;
    vm_.limits.stack_slots_max = static_cast<std::uint32_t>(scalars_.stack_slots_max);
    vm_.fuel = 0;
    vm_.slice_size = 0;
  }

  void identity(Object* object) {
    const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
    object->set_identity(id);
  }

  // ---- First pass: objects without contents.

  template <typename T>
  T* made(std::size_t n, T* object) {
    if (object == nullptr) {
      no_memory();
    } else {
      objects_[n] = object;
    }
    return object;
  }

  void make_object(std::size_t n) {
    const CborHead head = in_.peek();
    if (head.major == CborMajor::Bytes) {
      made(n, vm_.heap.new_string(in_.bytes()));
      return;
    }
    const std::uint64_t fields = in_.array();
    const auto kind = static_cast<Record>(in_.unsigned_integer(
        static_cast<std::uint64_t>(Record::Function), "unknown kind of object"));
    if (!in_.ok()) return;
    if (fields != fields_of(kind)) return fail("an object with a wrong number of fields");
    switch (kind) {
      case Record::String:
        return make_identified_string(n);
      case Record::Table:
        return make_table(n);
      case Record::Closure:
        return make_closure(n);
      case Record::Cell:
      case Record::OpenCell:
        return make_cell(n, fields);
      case Record::Userdata:
        return make_userdata(n);
      case Record::Thread:
        return make_thread(n);
      case Record::Buffer:
        return make_buffer(n);
      case Record::Chunk:
        chunks_.push_back({n, in_.offset()});
        in_.skip();
        return;
      case Record::Function:
        functions_.push_back({n, in_.offset()});
        in_.skip();
        in_.skip();
        return;
    }
  }

  static std::uint64_t fields_of(Record kind) {
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
    }
    return 0;
  }

  void make_identified_string(std::size_t n) {
    const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
    String* s = made(n, vm_.heap.new_string(in_.bytes()));
    if (s != nullptr && !s->is_permanent()) s->set_identity(id);
  }

  void make_table(std::size_t n) {
    Table* t = made(n, vm_.heap.new_table());
    if (t == nullptr) return;
    identity(t);
    t->flags = static_cast<std::uint8_t>(in_.unsigned_integer(255, "table flags out of range"));
    in_.skip();
    const auto array_capacity =
        static_cast<std::uint32_t>(in_.unsigned_integer(1u << 30, "array capacity out of range"));
    const std::uint64_t array_count = in_.peek().argument;
    in_.skip();
    const auto entry_capacity =
        static_cast<std::uint32_t>(in_.unsigned_integer(1u << 30, "entry capacity out of range"));
    const std::uint64_t entries = in_.peek().argument;
    in_.skip();
    if (!in_.ok()) return;
    if (array_count > array_capacity || entries % 2 != 0 || entries / 2 > entry_capacity) {
      return fail("a table with more elements than room");
    }
    if (!heap::table_restore(vm_.heap, *t, array_capacity, entry_capacity)) no_memory();
  }

  void make_closure(std::size_t n) {
    const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
    closures_.push_back({n, in_.offset()});
    in_.skip();
    const std::uint64_t count = in_.peek().argument;
    in_.skip();
    if (!in_.ok()) return;
    if (count > 255) return fail("a function with too many upvalues");
    auto* c = static_cast<Closure*>(
        vm_.heap.new_object(Kind::Closure, heap::closure_bytes(static_cast<std::size_t>(count))));
    if (made(n, c) == nullptr) return;
    c->set_identity(id);
    c->flags = static_cast<std::uint8_t>(count);
    c->proto = nullptr;
    for (std::uint64_t u = 0; u < count; ++u) c->upvalues()[u] = nullptr;
  }

  void make_cell(std::size_t n, std::uint64_t fields) {
    Cell* c = made(n, vm_.heap.new_closed_cell(Value::nil()));
    if (c == nullptr) return;
    identity(c);
    for (std::uint64_t f = 2; f < fields; ++f) in_.skip();
  }

  void make_userdata(std::size_t n) {
    const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
    const auto type = static_cast<std::uint16_t>(in_.unsigned_integer(65535, "type out of range"));
    in_.skip();
    const std::uint64_t user_values = in_.peek().argument;
    in_.skip();
    const std::string_view payload = in_.bytes();
    if (!in_.ok()) return;
    if (user_values > 65535) return fail("too many user values");
    Userdata* u = made(n, vm_.heap.new_userdata(static_cast<std::uint32_t>(payload.size()),
                                                static_cast<std::uint16_t>(user_values)));
    if (u == nullptr) return;
    u->set_identity(id);
    u->type = type;
    std::copy(payload.begin(), payload.end(), u->payload());
  }

  void make_thread(std::size_t n) {
    const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
    const std::uint64_t size = in_.unsigned_integer(16'100'000, "stack size out of range");
    for (int f = 3; f < 13; ++f) in_.skip();
    if (!in_.ok()) return;
    if (size == 0) return fail("a stack that is too small");
    Thread* t = made(n, vm_.heap.new_thread(static_cast<std::uint32_t>(size)));
    if (t != nullptr) t->set_identity(id);
  }

  void make_buffer(std::size_t n) {
    const std::uint64_t id = in_.unsigned_integer(kIdentityMax, "identity out of range");
    const std::uint64_t capacity = in_.unsigned_integer(1u << 31, "buffer size out of range");
    const std::string_view data = in_.bytes();
    if (!in_.ok()) return;
    if (data.size() > capacity) return fail("a buffer with more bytes than room");
    Buffer* b = made(n, vm_.heap.new_buffer(static_cast<std::uint32_t>(capacity)));
    if (b == nullptr) return;
    b->set_identity(id);
    b->size = static_cast<std::uint32_t>(data.size());
    std::copy(data.begin(), data.end(), b->data());
  }

  // ---- Code: chunks are put together, verified and loaded when all strings are there.

  struct Place {
    std::size_t number;
    std::size_t offset;
  };

  void make_functions() {
    for (const Place& place : chunks_) {
      in_ = reader_at(place.offset);
      make_chunk(place.number);
      if (!in_.ok()) return;
    }
    for (const Place& place : functions_) {
      in_ = reader_at(place.offset);
      auto* root = static_cast<Proto*>(object(Kind::Proto));
      const std::uint64_t index = in_.unsigned_integer();
      if (!in_.ok()) return;
      if (root->root != root || index >= root->function_count) {
        return fail("a function that its chunk does not have");
      }
      objects_[place.number] = root->functions[index];
    }
    // Frames need to know the code of their functions.
    for (const Place& place : closures_) {
      in_ = reader_at(place.offset);
      auto* proto = static_cast<Proto*>(object(Kind::Proto));
      if (!in_.ok()) return;
      auto* closure = static_cast<Closure*>(objects_[place.number]);
      if (proto->upvalue_count != closure->flags) {
        return fail("a function with a wrong number of upvalues");
      }
      closure->proto = proto;
    }
  }

  void make_chunk(std::size_t n) {
    bytecode::Chunk chunk;
    std::vector<String*> strings;
    const std::uint64_t count = in_.array();
    for (std::uint64_t f = 0; f < count && in_.ok(); ++f) {
      chunk.functions.emplace_back();
      read_function(chunk.functions.back(), chunk, strings);
    }
    if (!in_.ok()) return;
    if (const auto verified = bytecode::verify(chunk); !verified) return fail(verified.error());
    Proto* root = vm::load_chunk(vm_, chunk, vm::ProtoOrigin::Script, &strings);
    made(n, root);
  }

  std::uint32_t string_of(bytecode::Chunk& chunk, std::vector<String*>& strings) {
    const CborHead head = in_.peek();
    if (head.major == CborMajor::Simple && head.argument == kCborNull_) {
      in_.skip();
      return bytecode::kNoString;
    }
    auto* s = static_cast<String*>(object(Kind::String));
    if (!in_.ok()) return 0;
    chunk.strings.emplace_back(s->view());
    strings.push_back(s);
    return static_cast<std::uint32_t>(strings.size() - 1);
  }

  void read_function(bytecode::Function& f, bytecode::Chunk& chunk, std::vector<String*>& strings) {
    if (in_.array() != 13) return fail("a function with a wrong number of fields");
    f.source = string_of(chunk, strings);
    f.line_defined =
        static_cast<std::uint32_t>(in_.unsigned_integer(INT32_MAX, "line out of range"));
    f.last_line_defined =
        static_cast<std::uint32_t>(in_.unsigned_integer(INT32_MAX, "line out of range"));
    f.parameter_count =
        static_cast<std::uint8_t>(in_.unsigned_integer(255, "parameters out of range"));
    f.is_vararg = in_.boolean();
    f.max_stack = static_cast<std::uint8_t>(in_.unsigned_integer(255, "stack size out of range"));
    f.code = words();
    const std::string_view heights = in_.bytes();
    f.heights.assign(heights.begin(), heights.end());
    const std::uint64_t constants = in_.array();
    for (std::uint64_t n = 0; n < constants && in_.ok(); ++n) {
      f.constants.push_back(read_constant(chunk, strings));
    }
    const std::uint64_t children = in_.array();
    for (std::uint64_t n = 0; n < children && in_.ok(); ++n) {
      f.children.push_back(
          static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "function out of range")));
    }
    const std::uint64_t upvalues = in_.array();
    if (upvalues % 3 != 0) return fail("an incomplete list of upvalues");
    for (std::uint64_t n = 0; n < upvalues && in_.ok(); n += 3) {
      bytecode::Upvalue u;
      u.name = string_of(chunk, strings);
      u.from_parent_register = in_.boolean();
      u.index = static_cast<std::uint8_t>(in_.unsigned_integer(255, "upvalue out of range"));
      f.upvalues.push_back(u);
    }
    if (in_.peek().major == CborMajor::Simple) {
      in_.skip();
    } else {
      for (const std::uint32_t word : words()) f.lines.push_back(static_cast<std::int32_t>(word));
    }
    const std::uint64_t locals = in_.array();
    if (locals % 3 != 0) return fail("an incomplete list of locals");
    for (std::uint64_t n = 0; n < locals && in_.ok(); n += 3) {
      bytecode::LocalVariable l;
      l.name = string_of(chunk, strings);
      l.start_pc = static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "out of range"));
      l.end_pc = static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "out of range"));
      f.locals.push_back(l);
    }
  }

  std::vector<std::uint32_t> words() {
    const std::string_view bytes = in_.bytes();
    std::vector<std::uint32_t> out(bytes.size() / 4);
    if (bytes.size() % 4 != 0) fail("incomplete words");
    for (std::size_t n = 0; n < out.size(); ++n) {
      for (std::size_t b = 0; b < 4; ++b) {
        out[n] |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[n * 4 + b]))
                  << (8 * b);
      }
    }
    return out;
  }

  bytecode::Constant read_constant(bytecode::Chunk& chunk, std::vector<String*>& strings) {
    bytecode::Constant c;
    using CK = bytecode::Constant::Kind;
    const CborHead head = in_.peek();
    switch (head.major) {
      case CborMajor::Unsigned:
      case CborMajor::Negative:
        c.kind = CK::Integer;
        c.integer = in_.integer();
        return c;
      case CborMajor::Tag:
        c.kind = CK::String;
        c.string = string_of(chunk, strings);
        return c;
      default:
        break;
    }
    if (head.is_double) {
      c.kind = CK::Float;
      c.number = in_.number();
      return c;
    }
    in_.skip();
    if (head.major == CborMajor::Simple && head.argument == base::kCborNull) return c;
    if (head.major == CborMajor::Simple && head.argument == base::kCborFalse) {
      c.kind = CK::False;
    } else if (head.major == CborMajor::Simple && head.argument == base::kCborTrue) {
      c.kind = CK::True;
    } else {
      fail("not a constant");
    }
    return c;
  }

  // ---- References and values.

  Object* tagged_object(std::uint64_t tag) {
    if (tag == kTagBase) {
      const std::uint64_t n = in_.unsigned_integer();
      if (!in_.ok() || n >= base_.objects.size()) {
        fail("a library function that does not exist");
        return nullptr;
      }
      return base_.objects[static_cast<std::size_t>(n)];
    }
    const std::uint64_t n = in_.unsigned_integer();
    if (!in_.ok() || n >= objects_.size() || objects_[static_cast<std::size_t>(n)] == nullptr) {
      fail("a reference to an object that does not exist");
      return nullptr;
    }
    return objects_[static_cast<std::size_t>(n)];
  }

  Object* object_or_null(Kind kind) {
    const CborHead head = in_.head();
    if (!in_.ok()) return nullptr;
    if (head.major == CborMajor::Simple && !head.is_double && head.argument == base::kCborNull) {
      return nullptr;
    }
    if (head.major != CborMajor::Tag ||
        (head.argument != kTagObject && head.argument != kTagBase)) {
      fail("expected a reference");
      return nullptr;
    }
    Object* o = tagged_object(head.argument);
    if (o != nullptr && o->kind != kind) {
      fail("a reference to an object of another kind");
      return nullptr;
    }
    return o;
  }

  Object* object(Kind kind) {
    Object* o = object_or_null(kind);
    if (o == nullptr) fail("a missing reference");
    return o;
  }

  Value value() {
    const CborHead head = in_.peek();
    switch (head.major) {
      case CborMajor::Unsigned:
      case CborMajor::Negative:
        return Value::from(in_.integer());
      case CborMajor::Tag:
        return tagged_value();
      case CborMajor::Simple:
        break;
      default:
        fail("not a value");
        return Value::nil();
    }
    if (head.is_double) return Value::from(in_.number());
    in_.skip();
    switch (head.argument) {
      case base::kCborNull:
        return Value::nil();
      case base::kCborFalse:
        return Value::boolean(false);
      case base::kCborTrue:
        return Value::boolean(true);
      default:
        fail("not a value");
        return Value::nil();
    }
  }

  Value tagged_value() {
    const std::uint64_t tag = in_.head().argument;
    switch (tag) {
      case kTagBuiltin: {
        const std::uint64_t n = in_.unsigned_integer();
        if (!in_.ok() || n >= builtins_.size()) {
          fail("a function that is not in the list");
          return Value::nil();
        }
        return Value::from_builtin(builtins_[static_cast<std::size_t>(n)]);
      }
      case kTagLight:
        return Value::light(in_.unsigned_integer());
      case kTagDeadKey:
        return Value::make(in_.unsigned_integer(), Tag::DeadKey);
      case kTagObject:
      case kTagBase: {
        Object* o = tagged_object(tag);
        if (o == nullptr) return Value::nil();
        const Value v = vm::object_value(o);
        if (v.is_nil()) fail("a reference to something that is no value");
        return v;
      }
      default:
        fail("an unknown tag");
        return Value::nil();
    }
  }

  // A value as scripts may hold it.
  Value plain_value() {
    const Value v = value();
    if (v.is(Tag::DeadKey)) fail("a dead key outside of a table");
    return v;
  }

  // ---- Second pass.

  void fill_object(std::size_t n) {
    const CborHead head = in_.peek();
    if (head.major == CborMajor::Bytes) return in_.skip();
    in_.array();
    const auto kind = static_cast<Record>(in_.unsigned_integer());
    switch (kind) {
      case Record::String:
        in_.skip();
        return in_.skip();
      case Record::Table:
        return fill_table(static_cast<Table&>(*objects_[n]));
      case Record::Closure:
        return fill_closure(static_cast<Closure&>(*objects_[n]));
      case Record::Cell:
        in_.skip();
        static_cast<Cell*>(objects_[n])->closed = plain_value();
        return;
      case Record::OpenCell:
        return fill_open_cell(static_cast<Cell&>(*objects_[n]));
      case Record::Userdata:
        return fill_userdata(static_cast<Userdata&>(*objects_[n]));
      case Record::Thread:
        return fill_thread(static_cast<Thread&>(*objects_[n]));
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

  void fill_table(Table& t) {
    in_.skip();
    in_.skip();
    t.metatable = static_cast<Table*>(object_or_null(Kind::Table));
    in_.skip();
    const std::uint64_t count = in_.array();
    for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
      t.array[n] = plain_value();
      t.array_count = static_cast<std::uint32_t>(n + 1);
    }
    if (in_.ok() && count > 0 && t.array[count - 1].is_nil())
      return fail("an array that ends in nil");
    in_.skip();
    const std::uint64_t entries = in_.array();
    const std::uint8_t flags = t.flags;
    for (std::uint64_t n = 0; n < entries && in_.ok(); n += 2) {
      Value key = value();
      const Value v = plain_value();
      if (!in_.ok()) return;
      if (key.is(Tag::DeadKey)) {
        if (!v.is_nil()) return fail("a dead key with a value");
      } else if (heap::normalize_key(key) != heap::SetResult::Ok) {
        return fail("a key that is nil or NaN");
      }
      heap::table_restore_entry(vm_.heap, t, key, v);
    }
    t.flags = static_cast<std::uint8_t>(t.flags | flags);
  }

  void fill_closure(Closure& c) {
    in_.skip();
    in_.skip();
    const std::uint64_t count = in_.array();
    for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
      c.upvalues()[n] = static_cast<Cell*>(object(Kind::Cell));
    }
  }

  struct OpenCellPlace {
    Thread* thread;
    std::uint64_t slot;
    Cell* cell;
  };

  void fill_open_cell(Cell& c) {
    in_.skip();
    auto* thread = static_cast<Thread*>(object(Kind::Thread));
    const std::uint64_t slot = in_.unsigned_integer();
    if (!in_.ok()) return;
    if (slot >= thread->stack_size) return fail("an upvalue outside of its stack");
    open_cells_.push_back({thread, slot, &c});
  }

  void link_open_cells() {
    std::sort(open_cells_.begin(), open_cells_.end(),
              [](const OpenCellPlace& a, const OpenCellPlace& b) {
                if (a.thread != b.thread) return a.thread < b.thread;
                return a.slot < b.slot;
              });
    for (std::size_t n = 0; n < open_cells_.size(); ++n) {
      const OpenCellPlace& place = open_cells_[n];
      if (!is_live(*place.thread, place.slot)) return fail("an upvalue of a dead variable");
      if (n > 0 && open_cells_[n - 1].thread == place.thread &&
          open_cells_[n - 1].slot == place.slot) {
        return fail("two upvalues of one variable");
      }
      place.cell->location = place.thread->slot(static_cast<std::uint32_t>(place.slot));
      place.cell->open.thread = place.thread;
      place.cell->open.next_open = place.thread->open_cells;
      place.thread->open_cells = place.cell;
    }
  }

  void fill_userdata(Userdata& u) {
    in_.skip();
    in_.skip();
    u.metatable = static_cast<Table*>(object_or_null(Kind::Table));
    const std::uint64_t count = in_.array();
    for (std::uint64_t n = 0; n < count && in_.ok(); ++n) u.user_values()[n] = plain_value();
    in_.skip();
  }

  // ---- Threads.

  void fill_thread(Thread& t) {
    in_.skip();
    in_.skip();
    t.status = static_cast<ThreadStatus>(
        in_.unsigned_integer(static_cast<std::uint64_t>(ThreadStatus::Closing), "unknown status"));
    t.entry = static_cast<ThreadEntry>(
        in_.unsigned_integer(static_cast<std::uint64_t>(ThreadEntry::StartCall), "unknown entry"));
    t.native_depth = static_cast<std::uint16_t>(in_.unsigned_integer(1000, "depth out of range"));
    t.inherited_depth =
        static_cast<std::uint16_t>(in_.unsigned_integer(1000, "depth out of range"));
    t.resumer = static_cast<Thread*>(object_or_null(Kind::Thread));
    t.error = plain_value();
    fill_hook(t);
    const std::uint64_t capacity = in_.unsigned_integer(2ull * t.stack_size, "too many variables");
    const std::uint64_t pending = in_.array();
    if (in_.ok() && pending > capacity) return fail("more pending variables than room");
    if (in_.ok() && capacity > 0 &&
        !heap::reserve_tbc(vm_.heap, t, static_cast<std::uint32_t>(capacity))) {
      return no_memory();
    }
    for (std::uint64_t n = 0; n < pending && in_.ok(); ++n) {
      const std::uint64_t slot = in_.unsigned_integer(t.stack_size - 1, "variable out of range");
      if (n > 0 && slot <= t.tbc_slots[n - 1]) return fail("pending variables out of order");
      if (!heap::push_tbc(vm_.heap, t, static_cast<std::uint32_t>(slot))) return no_memory();
    }
    fill_frames(t);
  }

  void fill_hook(Thread& t) {
    if (in_.peek().major == CborMajor::Simple) return in_.skip();
    if (in_.array() != 8) return fail("a hook with a wrong number of fields");
    t.hook_mask = static_cast<std::uint8_t>(in_.unsigned_integer(15, "hook mask out of range"));
    t.hook_stage = static_cast<std::uint8_t>(
        in_.unsigned_integer(vm::kLastHookStage, "hook stage out of range"));
    t.in_hook = in_.boolean();
    t.hook_count = static_cast<std::int32_t>(in_.integer());
    t.hook_countdown = static_cast<std::int32_t>(in_.integer());
    t.hook_position =
        static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "position out of range"));
    const std::uint64_t builtin = in_.unsigned_integer();
    if (in_.ok() && builtin >= builtins_.size()) return fail("a function that is not in the list");
    if (in_.ok()) t.hook_builtin = builtins_[static_cast<std::size_t>(builtin)];
    t.hook_function = plain_value();
  }

  // Puts an array of values at `at`; the end of them, or null.
  Value* place_values(Thread& t, Value* at) {
    const std::uint64_t count = in_.array();
    if (!in_.ok()) return nullptr;
    if (count > static_cast<std::uint64_t>(t.stack_end() - at)) {
      fail("values beyond the end of their stack");
      return nullptr;
    }
    for (std::uint64_t n = 0; n < count; ++n) *at++ = plain_value();
    return at;
  }

  void fill_frames(Thread& t) {
    const std::uint64_t parts = in_.array();
    if (!in_.ok()) return;
    if (parts == 0) return fail("a thread without contents");
    if (parts == 1) {
      Value* end = place_values(t, t.stack);
      if (end == nullptr) return;
      t.top = end;
      t.base = t.stack;
      if (t.status == ThreadStatus::Dead && end == t.stack) t.base = t.stack + 1;
      return;
    }
    if (in_.array() != 3) return fail("a thread with a wrong head");
    const bool open_top = in_.boolean();
    const std::uint64_t top = in_.unsigned_integer(t.stack_size, "top out of range");
    const std::uint64_t results = in_.unsigned_integer(t.stack_size, "results out of range");
    if (!in_.ok()) return;
    t.open_top = open_top;
    t.top = t.slot(static_cast<std::uint32_t>(top));
    t.results_from = static_cast<std::uint32_t>(results);
    FrameState below;
    for (std::uint64_t n = 1; n < parts && in_.ok(); ++n) {
      fill_frame(t, below, n == 1, n + 1 == parts);
    }
  }

  // The frame below the one that is being read.
  struct FrameState {
    Value* base = nullptr;
    Value* end = nullptr;  // of its values
    Closure* closure = nullptr;
    std::uint32_t position = 0;
  };

  void fill_frame(Thread& t, FrameState& below, bool is_first, bool is_last) {
    if (in_.array() != 7) return fail("a frame with a wrong number of fields");
    const std::uint64_t code = in_.unsigned_integer(255, "unknown link");
    const std::uint64_t link_position = in_.unsigned_integer(UINT32_MAX, "position out of range");
    const auto slot_number =
        static_cast<std::uint32_t>(in_.unsigned_integer(t.stack_size - 1, "frame out of range"));
    const Value function = plain_value();
    const auto position =
        static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "position out of range"));
    if (!in_.ok()) return;
    if (!function.is_function()) return fail("a frame of something that is no function");
    Value* slot = t.slot(slot_number);
    if (!is_first && slot < below.end) return fail("frames that overlap");
    std::uint64_t link;
    if (!make_link(below, is_first, code, link_position, slot, link)) return;
    if (below.closure != nullptr && heap::link_type(link) == heap::LinkType::Other &&
        heap::link_kind(link) == LinkKind::Meta) {
      pending_frames_.back().is_inside = true;
    }
    slot->bits =
        function.is_builtin() ? function.bits : reinterpret_cast<std::uintptr_t>(function.object);
    slot->meta = link;
    FrameState frame;
    Value* extra = slot + 1;
    Value* end = place_values(t, extra);
    if (end == nullptr) return;
    frame.base = extra;
    if (function.is_closure()) {
      frame.closure = function.closure();
      if (frame.closure->proto->arity == heap::kVarargArity) {
        if (end + 1 >= t.stack_end()) return fail("a frame beyond the end of its stack");
        end->bits = slot->bits;
        end->meta = heap::make_vararg_link(static_cast<std::uint64_t>(end - extra) + 1);
        frame.base = end + 1;
      } else if (end != extra) {
        return fail("extra arguments of a function that takes none");
      }
    } else if (end != extra) {
      return fail("extra arguments of a native function");
    }
    frame.end = place_values(t, frame.base);
    if (frame.end == nullptr) return;
    live_.push_back({&t, frame.base, frame.end});
    frame.position = position;
    if (frame.closure != nullptr) {
      const Proto& proto = *frame.closure->proto;
      if (position >= proto.code_size) return fail("a position outside of its function");
      if (static_cast<std::uint64_t>(t.stack_end() - frame.base) <
          proto.max_stack + std::uint64_t{vm::kStackSlack}) {
        return fail("a stack that is too small for its frames");
      }
      if (!is_instruction(proto, position)) return fail("a position inside of an instruction");
      pending_frames_.push_back({&t, frame.base, frame.end, frame.closure, position, is_last});
    } else if (static_cast<std::uint64_t>(t.stack_end() - frame.end) <
               std::uint64_t{vm::kBuiltinSlots}) {
      return fail("a stack that is too small for its frames");
    }
    if (is_last) {
      t.base = frame.base;
      if (frame.closure != nullptr) {
        t.pc = frame.closure->proto->code + position;
        // A failed thread stands inside of its last instruction.
        if (t.status == ThreadStatus::Failed) ++t.pc;
        if (!t.open_top) t.top = frame.base;
      } else if (t.top < frame.base || t.top > frame.end) {
        return fail("a frame whose top is elsewhere");
      }
    }
    below = frame;
  }

  // Aux words are no instructions.
  static bool is_instruction(const Proto& proto, std::uint32_t position) {
    std::uint32_t n = 0;
    while (n < position) n += 1 + bytecode::info(bytecode::opcode(proto.code[n])).aux_words;
    return n == position;
  }

  // Is the slot among the live values of a frame? Frames were read from the bottom up.
  bool is_live(const Thread& t, std::uint64_t slot) const {
    const Value* at = t.stack + slot;
    for (const LiveRange& range : live_) {
      if (range.thread == &t && at >= range.from && at < range.to) return true;
    }
    return false;
  }

  bool make_link(const FrameState& below, bool is_first, std::uint64_t code,
                 std::uint64_t link_position, Value* slot, std::uint64_t& link) {
    const std::uint64_t kind = code & 15;
    if (kind == kFrameLua || kind == kFrameLuaTail) {
      if (is_first || below.closure == nullptr) return bad("a call from nowhere");
      const Proto& proto = *below.closure->proto;
      if (below.position >= proto.code_size) return bad("a position outside of its function");
      const Instruction call = proto.code[below.position];
      const Effect effect = bytecode::info(bytecode::opcode(call)).effect;
      if ((effect != Effect::Call && effect != Effect::TForCall) ||
          slot != below.base + bytecode::op_a(call)) {
        return bad("a call that its caller does not make");
      }
      if (slot != below.end) return bad("a frame with missing slots");
      link = heap::make_lua_link(proto.code + below.position + 1) | kind;
      return true;
    }
    if (kind - kFrameOther > static_cast<std::uint64_t>(LinkKind::Handler)) {
      return bad("unknown link");
    }
    const auto other = static_cast<LinkKind>(kind - kFrameOther);
    if ((other == LinkKind::Bottom) != is_first) return bad("a thread with a wrong first frame");
    const bool is_open = (code & kFrameFlagOpenTop) != 0;
    if (!is_first && (is_open || below.closure == nullptr) && slot != below.end) {
      return bad("a frame with missing slots");
    }
    // What a native function returned to the tail call of a Lua frame may wait there, too.
    const bool ends_tail_call = other == LinkKind::HookReturn && below.closure != nullptr &&
                                is_open && is_tail_call_with_results(below, slot);
    const bool wants_native = other == LinkKind::Native || other == LinkKind::HookStart ||
                              (other == LinkKind::HookReturn && !ends_tail_call);
    const bool wants_lua =
        other == LinkKind::Meta || other == LinkKind::Interrupt || other == LinkKind::Finalizer;
    if ((wants_native && below.closure != nullptr) || (wants_lua && below.closure == nullptr)) {
      return bad("a frame on top of a wrong one");
    }
    if (below.closure != nullptr && link_position != below.position) {
      return bad("a frame on top of another position");
    }
    if (other == LinkKind::HookReturn && !ends_tail_call &&
        link_position > static_cast<std::uint64_t>(slot - below.base)) {
      return bad("results that are not there");
    }
    const std::uint64_t delta = is_first ? 0 : static_cast<std::uint64_t>(slot + 1 - below.base);
    link = heap::make_link(other, delta, link_position);
    if (is_open) link |= heap::kLinkOpenTop;
    if ((code & kFrameFlagTailCalled) != 0) link |= heap::kLinkTailCalled;
    return true;
  }

  static bool is_tail_call_with_results(const FrameState& frame, const Value* end) {
    const Proto& proto = *frame.closure->proto;
    if (frame.position >= proto.code_size) return false;
    const Instruction i = proto.code[frame.position];
    return bytecode::info(bytecode::opcode(i)).effect == Effect::TailCall &&
           end >= frame.base + bytecode::op_a(i);
  }

  bool bad(const char* message) {
    fail(message);
    return false;
  }

  struct LiveRange {
    const Thread* thread;
    const Value* from;
    const Value* to;
  };

  struct LuaFrame {
    Thread* thread;
    Value* base;
    Value* end;
    Closure* closure;
    std::uint32_t position;
    bool is_top;
    bool is_inside = false;  // of its instruction, whose metamethod is running
  };

  // Every live slot of a Lua frame must have been given, and the state of numeric loops must be
  // what their instructions trust it to be.
  void check_threads() {
    for (const LuaFrame& frame : pending_frames_) check_frame(frame);
    for (Object* o : objects_) {
      if (o->kind == Kind::Thread) check_thread(static_cast<Thread&>(*o));
    }
  }

  void check_frame(const LuaFrame& f) {
    const Proto& proto = *f.closure->proto;
    const Instruction i = proto.code[f.position];
    const Effect effect = bytecode::info(bytecode::opcode(i)).effect;
    const auto values = static_cast<std::uint64_t>(f.end - f.base);
    const bool in_call = !f.is_top && (effect == Effect::Call || effect == Effect::TForCall ||
                                       effect == Effect::TailCall);
    if (proto.heights[f.position] > values && !(in_call && bytecode::op_a(i) <= values)) {
      if (!(f.is_top && f.thread->open_top)) return fail("a frame with missing registers");
    }
    for (std::uint32_t n = 0; n < proto.code_size;
         n += 1 + bytecode::info(bytecode::opcode(proto.code[n])).aux_words) {
      const Instruction prepare = proto.code[n];
      if (bytecode::info(bytecode::opcode(prepare)).effect != Effect::ForPrep) continue;
      const std::uint32_t loop = n + 1 + bytecode::op_bx(prepare);
      if (f.position <= n || f.position > loop) continue;
      const Value* ra = f.base + bytecode::op_a(prepare);
      if (ra + 3 > f.end) return fail("a loop without its state");
      const bool integers = ra[0].is_integer() && ra[1].is_integer() && ra[2].is_integer();
      const bool floats = ra[0].is_float() && ra[1].is_float() && ra[2].is_float();
      if (!integers && !floats) return fail("a loop with a wrong state");
    }
    if (effect == Effect::Concat && f.is_inside) {
      const unsigned count = bytecode::op_b(i);
      const Value& left = f.base[bytecode::op_a(i) + count - 1];
      if (!left.is_integer() || left.integer < 1 || left.integer >= count) {
        return fail("a concatenation with a wrong state");
      }
    }
  }

  void check_thread(Thread& t) {
    const bool has_frames = !heap::has_no_frames(t);
    if (has_frames && (t.base <= t.stack || t.base > t.stack_end())) {
      return fail("a thread without frames that should have some");
    }
    if (!has_frames && t.status == ThreadStatus::Suspended &&
        (t.top == t.stack || !t.stack[0].is_function())) {
      return fail("a coroutine without a function");
    }
    if (has_frames && t.status != ThreadStatus::Failed) {
      const bool builtin = heap::frame_is_builtin(t.base);
      const bool wants_builtin =
          t.entry == ThreadEntry::StartBuiltin || t.entry == ThreadEntry::Deliver;
      const bool wants_lua = t.entry == ThreadEntry::RunCall;
      if ((wants_builtin && !builtin) || (wants_lua && builtin)) {
        return fail("a thread that cannot go on as it says");
      }
      if (t.entry == ThreadEntry::Deliver &&
          (t.slot(t.results_from) < t.base || t.slot(t.results_from) > t.top)) {
        return fail("results that are not there");
      }
    }
    for (std::uint32_t n = 0; n < t.tbc_count; ++n) {
      if (!is_live(t, t.tbc_slots[n])) return fail("a dead variable that is to be closed");
    }
  }

  // ---- Roots.

  void read_roots() {
    heap::Heap& heap = vm_.heap;
    if (in_.array() != 7 + static_cast<std::uint64_t>(heap::kBasicTypeCount)) {
      return fail("wrong number of roots");
    }
    heap.main_thread = static_cast<Thread*>(object(Kind::Thread));
    heap.current_thread = static_cast<Thread*>(object(Kind::Thread));
    heap.globals = static_cast<Table*>(object(Kind::Table));
    heap.registry = static_cast<Table*>(object(Kind::Table));
    heap.error = plain_value();
    for (Table*& metatable : heap.type_metatables) {
      metatable = static_cast<Table*>(object_or_null(Kind::Table));
    }
    read_finalizers(heap.finalizable, true);
    read_finalizers(heap.pending_finalizers, false);
  }

  void read_finalizers(std::vector<Object*>& list, bool registered) {
    const std::uint64_t count = in_.array();
    for (std::uint64_t n = 0; n < count && in_.ok(); ++n) {
      const Value v = plain_value();
      if (!in_.ok()) return;
      if (!v.is_table() && !v.is_userdata()) return fail("a finalizer of a wrong object");
      if (registered) v.object->mark |= heap::kHasFinalizer;
      list.push_back(v.object);
    }
  }

  static constexpr std::uint64_t kCborNull_ = base::kCborNull;

  struct Scalars {
    std::uint64_t next_identity, estimate, mode, fuel_used, safepoints, outcome, memory_limit,
        fuel_budget, stack_slots_max;
    std::int64_t debt, pause, multiplier, step_size;
    bool stopped_by_user, stopped_internally, warnings;
    std::uint64_t random[4];
  };

  vm::Vm& vm_;
  const BaseObjects& base_;
  CborReader in_;
  std::string_view state_;
  std::string message_;
  Scalars scalars_{};
  std::vector<std::uint32_t> builtins_;
  std::vector<Object*> objects_;
  std::vector<Place> chunks_;
  std::vector<Place> functions_;
  std::vector<Place> closures_;
  std::vector<OpenCellPlace> open_cells_;
  std::vector<LuaFrame> pending_frames_;
  std::vector<LiveRange> live_;
};

}  // namespace

std::expected<void, std::string> thaw(vm::Vm& vm, const BaseObjects& base, std::string_view state) {
  return Thawer(vm, base, state).thaw();
}

}  // namespace moonlet::image
