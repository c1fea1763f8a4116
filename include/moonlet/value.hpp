// Data between a host and its scripts: what a Vm's arguments, results and Commands consist of.
// Everything but host objects is plain.
//
// A Value is a copy and belongs to whoever holds it; nothing in it refers to a Vm. Strings are
// bytes. Lists and records nest up to kValueDepthMax levels.
//
// A table of a script is an Array when its keys are positive integers, an Object when they are
// strings or when it is empty, so that an empty Array comes back from a script as an empty Object.
// Small gaps in an Array are nil. Everything else is a Map: large gaps, both kinds of keys
// together, and keys that are booleans or other numbers. Tables are read without metamethods. What
// two places share is there twice; what one call, return or error hands over may take 256 MiB.
// Functions, coroutines, cycles and all other keys are errors that name the place ("result 1.a[1]
// contains itself"). A nil member of an Object or a Map is no member of the table.
//
// An Array is a std::vector<Value>: where a function takes a list of values, {array} is that list.
// One argument that is an Array is written {Value(array)}.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "moonlet/host_object.hpp"

namespace moonlet {

inline constexpr int kValueDepthMax = 200;

struct Member;
struct Entry;

class Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;  // in order; names are not repeated
  using Map = std::vector<Entry>;      // in order; of entries with equal keys the last one counts

  Value();  // nil
  Value(bool b);
  Value(int n);
  Value(std::int64_t n);
  Value(double n);
  Value(const char* text);
  Value(std::string text);
  Value(std::string_view text);
  Value(Array list);
  Value(Object record);
  Value(Map map);
  Value(HostObject object);
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  bool is_nil() const;
  // The content, or nullptr when the value is of another type.
  const bool* boolean() const;
  const std::int64_t* integer() const;
  const double* number() const;
  const std::string* string() const;
  const Array* array() const;
  const Object* object() const;
  const Map* map() const;
  const HostObject* host_object() const;
  Array* array();
  Object* object();

  // The member of an object, or nullptr.
  const Value* find(std::string_view name) const;

  // Same type and content; 1 and 1.0 differ.
  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object, Map,
               HostObject>
      data_;
};

struct Member {
  std::string name;
  Value value;
};

// The key is a boolean, a number but NaN, or a string.
struct Entry {
  Value key;
  Value value;
};

bool operator==(const Value& a, const Value& b);

}  // namespace moonlet
