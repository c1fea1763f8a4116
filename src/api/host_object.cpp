#include "moonlet/host_object.hpp"

namespace moonlet {

HostObject::HostObject(const PayloadType* type, std::string_view type_name, const void* payload) {
  // Never empty, so that there is an address.
  auto bytes = std::make_unique<std::byte[]>(std::size_t{type->size} + 1);
  if (type->size > 0) std::memcpy(bytes.get(), payload, type->size);
  content_ = std::make_shared<Content>(type, std::string(type_name), std::move(bytes));
}

bool operator==(const HostObject& a, const HostObject& b) {
  const PayloadType* type = a.content_->type;
  if (type != b.content_->type) return false;
  return type->size == 0 || std::memcmp(a.payload(), b.payload(), type->size) == 0;
}

}  // namespace moonlet
