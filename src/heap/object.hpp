// The kinds of heap objects. Every object begins with a header of 16 bytes:
//
//    0      1      2       3                         8          16
//   | kind | mark | flags | category 4 | identity 36 |   next    |
//
// category  of memory (Heap::set_category), in the upper bits of its byte; never changes.
// identity  0 until the object is first used as a key, printed or asked for; then a number from
//           the Vm's counter, which is part of the state. Hashing and text use it, never an
//           address.
// next      links every object of a heap, newest first.
// Objects that Vms share have kPermanent in mark: they are never marked, swept or written, and in
// no list: their `next` is free for whoever owns them.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "bytecode/instruction.hpp"
#include "heap/value.hpp"

namespace moonlet::heap {

enum class Kind : std::uint8_t {
#define ML_KIND(name, text) name,
#include "heap/kinds.def"
};

// Bits of Object::mark. An object with neither white nor kBlack is gray.
inline constexpr std::uint8_t kWhite0 = 1;
inline constexpr std::uint8_t kWhite1 = 2;
inline constexpr std::uint8_t kWhites = kWhite0 | kWhite1;
inline constexpr std::uint8_t kBlack = 4;
inline constexpr std::uint8_t kPermanent = 8;
inline constexpr std::uint8_t kHasFinalizer = 16;  // is in Heap::finalizable
inline constexpr std::uint8_t kOfImage = 32;       // permanent, and of an image, not of the library
// A Vm's own copy of an object of its template, in the block in which the Vm was born. The place is
// not used again: whoever knows it can ask whether the object is still there.
inline constexpr std::uint8_t kOfTemplate = 64;
// White, and the key of weak entries whose values will be marked with it (weak.cpp).
inline constexpr std::uint8_t kAwaited = 128;

inline constexpr std::uint64_t kIdentityMax = (std::uint64_t{1} << 36) - 1;
inline constexpr unsigned kCategoryCount = 16;
inline constexpr std::size_t kCategoryNameMax = 64;  // bytes

struct Object {
  Kind kind;
  std::uint8_t mark;
  std::uint8_t flags;  // by kind, see below
  std::uint8_t category_and_identity_high;
  std::uint32_t identity_low;
  Object* next;

  std::uint64_t identity() const {
    return static_cast<std::uint64_t>(category_and_identity_high & 15) << 32 | identity_low;
  }
  void set_identity(std::uint64_t id) {
    category_and_identity_high =
        static_cast<std::uint8_t>((category_and_identity_high & 0xf0) | (id >> 32));
    identity_low = static_cast<std::uint32_t>(id);
  }
  unsigned category() const { return category_and_identity_high >> 4; }
  // Has `mark` one of these bits, or `flags` one of those?
  bool has_any(std::uint8_t mark_bits, std::uint8_t flag_bits) const {
    std::uint16_t both;
    std::memcpy(&both, &mark, sizeof both);
    const std::uint8_t bits[2] = {mark_bits, flag_bits};
    std::uint16_t wanted;
    std::memcpy(&wanted, bits, sizeof wanted);
    return (both & wanted) != 0;
  }
  bool is_white() const { return (mark & kWhites) != 0; }
  bool is_black() const { return (mark & kBlack) != 0; }
  bool is_permanent() const { return (mark & kPermanent) != 0; }
  bool is_of_image() const { return (mark & kOfImage) != 0; }
  bool is_of_template() const { return (mark & kOfTemplate) != 0; }
};
static_assert(sizeof(Object) == 16);

// Strings of at most kShortStringSize bytes are interned: equal means same pointer.
inline constexpr std::uint32_t kShortStringSize = 40;
inline constexpr std::uint8_t kStringIsLong = 1;
inline constexpr std::uint8_t kStringHasHash = 2;  // long strings are hashed on demand

struct String : Object {
  std::uint32_t size;
  std::uint32_t hash;  // keyed per process; nothing visible depends on it
  // The bytes follow, and a NUL that is not counted.
  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view view() const { return {data(), size}; }
  bool is_long() const { return (flags & kStringIsLong) != 0; }
};
static_assert(sizeof(String) == 24);
constexpr std::size_t string_bytes(std::size_t size) { return sizeof(String) + size + 1; }

// An entry of a table's dictionary: 24 bytes.
//   word: bits 0-7 value tag, 8-15 key tag, 32-63 the value's lane.
struct Entry {
  std::uint64_t value_bits;
  std::uint64_t word;
  std::uint64_t key_bits;

  Tag value_tag() const { return static_cast<Tag>(word & 0xff); }
  Tag key_tag() const { return static_cast<Tag>((word >> 8) & 0xff); }
  bool value_is_nil() const { return (word & 0xff) == 0; }
  Value value() const {
    Value v;
    v.bits = value_bits;
    v.meta = word & 0xffffffff000000ffu;
    return v;
  }
  // As it is stored: a vector is a VectorKey.
  Value key() const { return Value::make(key_bits, key_tag()); }
  // What the collector marks of it.
  Value key_reference() const {
    return Value::make(key_bits, key_tag() == Tag::VectorKey ? Tag::String : key_tag());
  }
  void set_value(const Value& v) {
    value_bits = v.bits;
    word = (word & 0xff00) | v.meta;
  }
  void set_key(std::uint64_t bits, Tag tag) {
    key_bits = bits;
    word = (word & ~std::uint64_t{0xff00}) | static_cast<std::uint64_t>(tag) << 8;
  }
};
static_assert(sizeof(Entry) == 24);

// Bits of Table::flags.
inline constexpr std::uint8_t kTableReadOnly = 1;
inline constexpr std::uint8_t kTableWeakKeys = 2;    // set with the metatable's __mode, read by
inline constexpr std::uint8_t kTableWeakValues = 4;  // the collector
// Some entry may have an integer key. Without it, elements beyond the array are known to be absent.
inline constexpr std::uint8_t kTableIntegerEntries = 8;

// The last four bits of a table's flags say how many fields lie right behind its record: a step of
// kInlineFields.
inline constexpr int kTableInlineShift = 4;
inline constexpr std::uint8_t kInlineFields[16] = {0, 1,  2,  3,  4,  5,  6,  7,
                                                   8, 10, 12, 14, 16, 20, 24, 32};

// Shared list of field names (shape.hpp).
struct Shape;

// The block that holds a table's elements: values of 16 bytes or, packed, the payloads alone of
// values that all have the same tag, integers or floats.
class Elements {
 public:
  // One that was allocated to hold `packed` values only, or any (Tag::Nil).
  static Elements at(void* block, Tag packed) {
    Elements out;
    out.word_ = reinterpret_cast<std::uintptr_t>(block) | static_cast<std::uintptr_t>(packed);
    return out;
  }
  static std::size_t bytes(std::size_t capacity, Tag packed) {
    return capacity * (packed == Tag::Nil ? sizeof(Value) : sizeof(std::uint64_t));
  }
  static bool can_pack(Tag tag) { return tag == Tag::Integer || tag == Tag::Float; }

  Tag packed() const { return static_cast<Tag>(word_ & kTagBits); }
  bool is_packed() const { return (word_ & kTagBits) != 0; }
  bool can_hold(const Value& value) const { return !is_packed() || value.tag() == packed(); }
  void* block() const { return reinterpret_cast<void*>(word_ & ~kTagBits); }
  Value* values() const { return reinterpret_cast<Value*>(word_); }  // REQUIRES: not packed
  std::uint64_t* payloads() const { return static_cast<std::uint64_t*>(block()); }  // packed
  std::size_t bytes(std::size_t count) const { return bytes(count, packed()); }
  char* place(std::size_t n) const { return static_cast<char*>(block()) + bytes(n); }
  // The word itself, which a template displaces.
  std::uintptr_t& word() { return word_; }

  const Value operator[](std::size_t n) const {
    return is_packed() ? Value::make(payloads()[n], packed()) : values()[n];
  }
  void set(std::size_t n, const Value& value) const {  // REQUIRES: can_hold(value)
    if (is_packed()) {
      payloads()[n] = value.bits;
    } else {
      copy(&values()[n], &value);
    }
  }

 private:
  static constexpr std::uintptr_t kTagBits = 7;
  static_assert(static_cast<unsigned>(Tag::Integer) <= kTagBits &&
                static_cast<unsigned>(Tag::Float) <= kTagBits);
  std::uintptr_t word_ = 0;
};

// Arrays of at least so many elements are packed when they can be.
inline constexpr std::uint32_t kPackedMin = 8;

// array[0 .. array_count-1] are elements 1 .. array_count; array_count is 0 or array[array_count-1]
// is not nil. A packed array has no nil, and no entry has an integer key besides it. What has other
// keys is either shaped or a dictionary.
//
// Shaped (shape_word is the shape's address): all further keys are short strings. fields[n] is the
// value of the shape's key n; one that is nil keeps its place. entry_capacity is the room in
// fields, which lie behind the record, or, when there are more, on their own; entry_count is 0.
//
// Dictionary (shape_word is odd): entries[0 .. entry_count-1] are in insertion order; an entry
// whose value is nil keeps its place until a new key needs room. With more than kLinearEntries of
// capacity an index of 32-bit entry numbers lies behind the entries. No live entry has an integer
// key up to array_count. An integer key that moved into the array leaves an entry with a DeadKey of
// identity 0.
//
// Iteration is the array, then the fields or entries.
struct Table : Object {
  std::uint32_t array_count;
  std::uint32_t array_capacity;
  Elements array;
  union {
    Entry* entries;
    Value* fields;
  };
  std::uint32_t entry_count;
  std::uint32_t entry_capacity;
  Table* metatable;
  std::uint64_t shape_word;  // the Shape's address, or an index mask and absent events
  std::uint32_t* index() const {
    return reinterpret_cast<std::uint32_t*>(entries + entry_capacity);
  }
  bool is_shaped() const { return (shape_word & 1) == 0; }
  Shape* shape() const { return reinterpret_cast<Shape*>(shape_word); }
  // Of a dictionary: size of the index - 1, or kNoIndex; odd.
  std::uint32_t index_mask() const { return static_cast<std::uint32_t>(shape_word); }
  void set_index_mask(std::uint32_t mask) {
    shape_word = (shape_word & ~std::uint64_t{0xffffffff}) | mask;
  }
  // Of a dictionary. Bit e: as a metatable, it certainly has no field for event e.
  std::uint32_t absent_events() const { return static_cast<std::uint32_t>(shape_word >> 32); }
  void set_absent_events(std::uint32_t events) {
    shape_word = (shape_word & 0xffffffff) | std::uint64_t{events} << 32;
  }
  std::uint32_t inline_capacity() const { return kInlineFields[flags >> kTableInlineShift]; }
  Value* inline_fields() { return reinterpret_cast<Value*>(this + 1); }
  // Of a shaped table. Another block may happen to begin right behind the record, too.
  bool has_inline_fields() const {
    return inline_capacity() != 0 && fields == reinterpret_cast<const Value*>(this + 1);
  }
};
static_assert(sizeof(Table) == 64);
inline constexpr std::uint32_t kNoIndex = 1;
// Nothing but an array, as far as keys that are strings go.
inline bool has_no_fields(const Table& table) {
  return !table.is_shaped() && table.entry_count == 0;
}

inline constexpr std::uint32_t kShapeKeysMax = 32;
inline constexpr std::uint8_t kNoSlot = 0xff;

// A list of keys, in the order in which they were added: short strings, all different. Each shape
// adds one key to its parent; the root has none. Immutable but for the list of children.
struct Shape : Object {
  Shape* parent;
  Shape* children;  // that this heap has made
  Shape* sibling;
  std::uint32_t count;
  std::uint32_t absent_events;  // bit e: none of the keys is the event's
  std::uint16_t child_count;
  std::uint8_t index_slot;  // of __index, or kNoSlot
  std::uint8_t spare[5];
  // The keys follow, then, when there are more than kLinearKeys, an index of
  // shape_index_size(count) slots by hash.
  String** keys() { return reinterpret_cast<String**>(this + 1); }
  String* const* keys() const { return reinterpret_cast<String* const*>(this + 1); }
  std::uint8_t* index() { return reinterpret_cast<std::uint8_t*>(keys() + count); }
  const std::uint8_t* index() const {
    return reinterpret_cast<const std::uint8_t*>(keys() + count);
  }
};
static_assert(sizeof(Shape) == 56);
// A search for the one among few is what a processor predicts badly.
inline constexpr std::uint32_t kLinearKeys = 3;
constexpr std::uint32_t shape_index_size(std::uint32_t count) {
  return count <= kLinearKeys ? 0 : count <= 8 ? 16 : 64;
}
constexpr std::size_t shape_bytes(std::uint32_t count) {
  return sizeof(Shape) + count * sizeof(String*) + shape_index_size(count);
}

struct Cell : Object {
  Value* location;  // into a stack while open, else &closed
  union {
    Value closed;
    struct {
      Cell* next_open;  // of the same thread, by falling slot
      Thread* thread;
    } open;
  };
  bool is_open() const { return location != &closed; }
};
static_assert(sizeof(Cell) == 40);

struct UpvalueInfo {
  String* name;  // null when stripped
  bool from_parent_register;
  std::uint8_t index;
};

struct LocalInfo {
  String* name;
  std::uint32_t start_pc;
  std::uint32_t end_pc;
};

inline constexpr std::uint8_t kProtoIsBuiltin = 1;  // prelude: looks native to scripts and debug
inline constexpr std::uint8_t kProtoIsLuau = 2;     // a script's
inline constexpr std::uint16_t kVarargArity = 0xffff;

// What the code has seen at the places that name a constant as a key: each word is a fact that
// stays true, so whoever shares the code may write it. `fact` is a shape's address << 16 | slot:
// the key has that slot in that shape.
inline constexpr std::uint64_t kAbsentSlot = 0xfffe;  // of a fact
struct Site {
  std::uint64_t own;        // fact: of the objects seen last
  std::uint64_t other;      // fact: of others; or, odd, the entry in a dictionary * 2 + 1; or, with
                            // kAbsentSlot: the table that __index names does not have the key
  std::uint64_t absent;     // a shape's address << 16: it does not have the key
  std::uint64_t inherited;  // fact or entry, as in `other`, of the table that __index names, or of
                            // the one that this one's __index names; or the fact of the shape that
                            // adding the key leads to
};

// A function's code. One allocation of `bytes` holds the record and all its arrays.
struct Proto : Object {
  const bytecode::Instruction* code;
  Value* constants;
  std::uint16_t arity;  // parameter_count, or kVarargArity
  std::uint8_t max_stack;
  std::uint8_t parameter_count;
  std::uint32_t code_size;
  const std::uint8_t* heights;
  Proto** children;
  UpvalueInfo* upvalues;
  const std::int32_t* lines;  // null when stripped
  LocalInfo* locals;
  String* source;  // null when stripped
  String* name;    // of its definition; of main, the module's; or null
  std::uint32_t constant_count;
  std::uint32_t child_count;
  std::uint32_t local_count;
  std::uint32_t line_defined;
  std::uint32_t last_line_defined;
  std::uint16_t upvalue_count;
  std::uint16_t spare;
  std::size_t bytes;
  Proto* root;        // main of its chunk: code lives and dies, and is frozen, by the chunk
  Proto** functions;  // of a root: all functions of the chunk by index, itself first
  std::uint32_t function_count;
  std::uint32_t function_index;
  String* debug_name;  // prelude functions: their library name ("string.gsub"); else null
};

// Other threads may read and write the same words.
inline std::uint64_t load_fact(const std::uint64_t& word) {
  return __atomic_load_n(&word, __ATOMIC_RELAXED);
}
inline void write_fact(std::uint64_t& word, std::uint64_t fact) {
  if (load_fact(word) != fact) __atomic_store_n(&word, fact, __ATOMIC_RELAXED);
}

// The site of constant n of a function; they lie before the constants, the last one first.
inline Site* site_of(const Value* constants, std::uint32_t n) {
  return reinterpret_cast<Site*>(const_cast<Value*>(constants)) - 1 - n;
}
inline void clear_sites(Proto& proto) {
  for (std::uint32_t n = 0; n < proto.constant_count; ++n) *site_of(proto.constants, n) = {};
}

struct Closure : Object {
  Proto* proto;
  // As many pointers follow as `flags` says, which is proto->upvalue_count: the collector may free
  // the prototype first.
  Cell** upvalues() { return reinterpret_cast<Cell**>(this + 1); }
};
static_assert(sizeof(Closure) == 24);
constexpr std::size_t closure_bytes(std::size_t upvalue_count) {
  return sizeof(Closure) + upvalue_count * sizeof(Cell*);
}

// Bit of Userdata::flags: a host object that is not, or not any more, anybody's
// (vm/host_types.hpp).
inline constexpr std::uint8_t kUserdataReleased = 1;

struct Userdata : Object {
  Table* metatable;
  std::uint32_t size;  // bytes of payload
  std::uint16_t user_value_count;
  std::uint16_t type;  // number of a host type (vm/host_types.hpp), or the library's own
  bool is_released() const { return (flags & kUserdataReleased) != 0; }
  // user values follow, then the payload.
  Value* user_values() { return reinterpret_cast<Value*>(this + 1); }
  char* payload() { return reinterpret_cast<char*>(user_values() + user_value_count); }
};
static_assert(sizeof(Userdata) == 32);
constexpr std::size_t userdata_bytes(std::size_t size, std::size_t user_values) {
  return sizeof(Userdata) + user_values * sizeof(Value) + size;
}

// Bit of Buffer::flags: one that scripts have; as long as it is, `size` is `capacity`.
inline constexpr std::uint8_t kBufferOfScript = 1;
inline constexpr std::uint32_t kScriptBufferMax = 1u << 30;  // bytes, as in Luau

struct Buffer : Object {
  std::uint32_t size;      // bytes in use
  std::uint32_t capacity;  // bytes after the header
  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  bool is_of_script() const { return (flags & kBufferOfScript) != 0; }
};
static_assert(sizeof(Buffer) == 24);
constexpr std::size_t buffer_bytes(std::size_t capacity) { return sizeof(Buffer) + capacity; }

inline String* Value::string() const { return static_cast<String*>(object); }
inline Table* Value::table() const { return static_cast<Table*>(object); }
inline Closure* Value::closure() const { return static_cast<Closure*>(object); }
inline Userdata* Value::userdata() const { return static_cast<Userdata*>(object); }
inline Buffer* Value::buffer() const { return static_cast<Buffer*>(object); }
inline Value Value::from(String* s) { return from_object(s, Tag::String); }
inline Value Value::from(Table* t) { return from_object(t, Tag::Table); }
inline Value Value::from(Closure* c) { return from_object(c, Tag::Closure); }
inline Value Value::from(Userdata* u) { return from_object(u, Tag::Userdata); }
inline Value Value::from(Buffer* b) { return from_object(b, Tag::Buffer); }

}  // namespace moonlet::heap
