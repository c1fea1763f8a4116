// A value of the guest language, as registers and stack slots hold it: 16 bytes.
//
//    0        8            12          16
//   | payload |  tag (32)  | lane (32) |      payload: integer, double, or pointer
//                                             lane: third lane of a vector, otherwise zero
//
// The second word is written by one 8-byte store and values are copied by two 8-byte moves: a
// 16-byte load right after two 8-byte stores defeats store forwarding.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/check.hpp"

namespace moonlet::heap {

struct Object;
struct String;
struct Table;
struct Closure;
struct Userdata;
struct Thread;
struct Buffer;

enum class Tag : std::uint32_t {
  Nil = 0,
  False = 1,
  True = 2,
  Integer = 3,
  Float = 4,
  Builtin = 5,        // payload: index into the table of native functions
  LightUserdata = 6,  // payload: an opaque number of the host
  Vector = 7,         // three floats: the payload is x and y, the lane z (vector.hpp)
  // From here on the payload points to an Object.
  String = 8,
  Table = 9,
  Closure = 10,
  Userdata = 11,
  Thread = 12,
  Buffer = 13,  // bytes: Luau's buffers, and what library routines keep
  // Only as a key of a table entry whose value is nil: the key object may be gone, the payload is
  // its identity number.
  DeadKey = 14,
  // Only as a key of a table entry: a vector. The payload is a String of its 12 bytes (vector.hpp).
  VectorKey = 15,
};

constexpr bool is_collectable(Tag tag) { return tag >= Tag::String && tag <= Tag::Buffer; }
// Is the payload of an entry's key with that tag an Object?
constexpr bool is_key_object(Tag tag) { return is_collectable(tag) || tag == Tag::VectorKey; }

struct Value {
  union {
    std::uint64_t bits;
    std::int64_t integer;
    double number;
    Object* object;
  };
  std::uint64_t meta;

  Tag tag() const { return static_cast<Tag>(static_cast<std::uint32_t>(meta)); }
  bool is(Tag t) const { return tag() == t; }
  bool is_nil() const { return is(Tag::Nil); }
  bool is_falsy() const { return tag() <= Tag::False; }
  bool is_boolean() const { return tag() == Tag::False || tag() == Tag::True; }
  bool is_integer() const { return is(Tag::Integer); }
  bool is_float() const { return is(Tag::Float); }
  bool is_number() const { return is_integer() || is_float(); }
  bool is_vector() const { return is(Tag::Vector); }
  bool is_string() const { return is(Tag::String); }
  bool is_table() const { return is(Tag::Table); }
  bool is_closure() const { return is(Tag::Closure); }
  bool is_builtin() const { return is(Tag::Builtin); }
  bool is_function() const { return is_closure() || is_builtin(); }
  bool is_userdata() const { return is(Tag::Userdata); }
  bool is_thread() const { return is(Tag::Thread); }
  bool is_object() const { return is_collectable(tag()); }

  inline String* string() const;
  inline Table* table() const;
  inline Closure* closure() const;
  inline Userdata* userdata() const;
  inline Thread* thread() const;
  inline Buffer* buffer() const;
  std::uint32_t builtin() const { return static_cast<std::uint32_t>(bits); }

  static Value nil() { return make(0, Tag::Nil); }
  static Value boolean(bool b) { return make(0, b ? Tag::True : Tag::False); }
  static Value from(std::int64_t i) { return make(static_cast<std::uint64_t>(i), Tag::Integer); }
  static Value from(int i) { return from(static_cast<std::int64_t>(i)); }
  static Value from(double n) {
    std::uint64_t bits;
    std::memcpy(&bits, &n, sizeof bits);
    return make(bits, Tag::Float);
  }
  static inline Value from(String* s);
  static inline Value from(Table* t);
  static inline Value from(Closure* c);
  static inline Value from(Userdata* u);
  static inline Value from(Thread* t);
  static inline Value from(Buffer* b);
  static Value from_builtin(std::uint32_t index) { return make(index, Tag::Builtin); }
  static Value light(std::uint64_t handle) { return make(handle, Tag::LightUserdata); }
  static Value make(std::uint64_t bits, Tag tag) {
    Value v;
    v.bits = bits;
    v.meta = static_cast<std::uint64_t>(tag);
    return v;
  }
  static Value from_object(Object* o, Tag tag) {
    return make(reinterpret_cast<std::uintptr_t>(o), tag);
  }
};
static_assert(sizeof(Value) == 16);

// Copies by two 8-byte moves; the empty asm keeps compilers from merging them.
ML_ALWAYS_INLINE void copy(Value* to, const Value* from) {
  std::uint64_t bits = from->bits;
  std::uint64_t meta = from->meta;
  asm("" : "+r"(bits));
  to->bits = bits;
  to->meta = meta;
}
ML_ALWAYS_INLINE void set_nil(Value* to) { to->meta = 0; }
ML_ALWAYS_INLINE void set_boolean(Value* to, bool b) { to->meta = 1 + static_cast<unsigned>(b); }
ML_ALWAYS_INLINE void set_integer(Value* to, std::int64_t i) {
  to->integer = i;
  to->meta = static_cast<std::uint64_t>(Tag::Integer);
}
ML_ALWAYS_INLINE void set_float(Value* to, double n) {
  to->number = n;
  to->meta = static_cast<std::uint64_t>(Tag::Float);
}
ML_ALWAYS_INLINE void set_object(Value* to, Object* object, Tag tag) {
  to->object = object;
  to->meta = static_cast<std::uint64_t>(tag);
}

// Same type and payload; -0.0 and 0.0 differ, a NaN equals itself. Not the language's equality.
inline bool is_identical(const Value& a, const Value& b) {
  return a.meta == b.meta && (a.bits == b.bits || a.tag() <= Tag::True);
}

}  // namespace moonlet::heap
