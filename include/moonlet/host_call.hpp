// One call of C++ by a script.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "moonlet/value.hpp"

namespace moonlet {

namespace api {
class HostCaller;
struct VmRecord;
}  // namespace api

// Results, or the value of an error that is raised where the script called.
using HostResult = std::expected<std::vector<Value>, Value>;

// return results(x, y);
template <typename... V>
HostResult results(V&&... values) {
  std::vector<Value> list;
  list.reserve(sizeof...(values));
  (list.emplace_back(std::forward<V>(values)), ...);
  return list;
}

// Distinct for each type; for typed context pointers.
template <typename T>
const void* context_type() {
  static const char kTag = 0;
  return &kTag;
}

// Valid until the function that it was given to returns. Arguments count from 0; one that is not
// there is nil, and so is an object that was released.
class HostCall {
 public:
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;

  std::size_t count() const { return count_; }
  const std::vector<Value>& arguments() const;
  const Value& argument(std::size_t n) const;

  // The payload of a host object itself, which may be changed; nullptr when the argument is none of
  // this type. Costs less than a Value does, as the following do.
  template <typename T>
  T* object(std::size_t n) const {
    return static_cast<T*>(payload(n, payload_type<T>()));
  }
  // Of any number, of a whole one (3.0 counts), of a string. Nothing is converted from text.
  std::optional<double> number(std::size_t n) const;
  std::optional<std::int64_t> integer(std::size_t n) const;
  std::optional<std::string_view> string(std::size_t n) const;

  // Text for an error: "bad argument #2 to 'move' (number expected, got nil)".
  Value wrong_argument(std::size_t n, std::string_view expected) const;

  // The pointer that Vm::set_context<T>() stored, or nullptr when it is of another type.
  template <typename T>
  T* context() const {
    return static_cast<T*>(context(context_type<T>()));
  }

 private:
  friend class api::HostCaller;
  HostCall() = default;
  void* payload(std::size_t n, const PayloadType* type) const;
  void* context(const void* type) const;

  api::VmRecord* record_ = nullptr;
  void* arguments_ = nullptr;  // as the Vm has them
  std::size_t count_ = 0;
  std::size_t hidden_ = 0;     // arguments before the first: the object whose method it is
  std::string_view property_;  // that is being set
  std::string_view type_;      // of whose object
  mutable std::vector<Value> values_;
  mutable bool has_values_ = false;
};

}  // namespace moonlet
