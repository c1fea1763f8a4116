// Objects of the host's own types, as values.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace moonlet {

namespace api {
struct HostObjectAccess;
}

// The C++ side of a host type: one for each T, known by its address.
struct PayloadType {
  std::uint32_t size;  // bytes in a Vm's memory; 0 for a T without members
};

// Payloads lie in a Vm's memory, which is copied, moved to other machines and given up as bytes.
template <typename T>
const PayloadType* payload_type() {
  static_assert(std::is_trivially_copyable_v<T>, "a payload is copied as bytes");
  static_assert(alignof(T) <= 8, "payloads are aligned to 8 bytes");
  static_assert(sizeof(T) <= 1u << 30);
  static const PayloadType kType{std::is_empty_v<T> ? 0 : std::uint32_t{sizeof(T)}};
  return &kType;
}

// A copy of a host object: its type and payload. Copies of it share what they hold, which does not
// change any more.
class HostObject {
 public:
  template <typename T>
  static HostObject of(const T& payload) {
    return HostObject(payload_type<T>(), {}, &payload);
  }

  // The payload, or nullptr when it is of another type. Lives as long as this or a copy.
  template <typename T>
  const T* as() const {
    return content_->type == payload_type<T>() ? static_cast<const T*>(payload()) : nullptr;
  }
  // What its engine calls the type; empty when it has never been in a Vm.
  const std::string& type_name() const { return content_->type_name; }

  // Same type and same bytes, whatever the type's __eq says.
  friend bool operator==(const HostObject& a, const HostObject& b);

 private:
  friend struct api::HostObjectAccess;
  struct Content {
    const PayloadType* type;
    std::string type_name;
    std::unique_ptr<std::byte[]> bytes;  // aligned as operator new does
  };
  HostObject(const PayloadType* type, std::string_view type_name, const void* payload);
  const void* payload() const { return content_->bytes.get(); }
  std::shared_ptr<const Content> content_;
};

}  // namespace moonlet
