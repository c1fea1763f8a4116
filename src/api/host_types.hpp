// The host's types: their rows among the builtins, and what scripts reach through them.
#pragma once

#include <deque>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "moonlet/host_type.hpp"
#include "stdlib/libraries.hpp"
#include "vm/host_types.hpp"
#include "vm/vm.hpp"

namespace moonlet::api {

// Makes and reads HostObjects.
struct HostObjectAccess {
  static HostObject make(const PayloadType* type, std::string_view type_name, const void* payload) {
    return HostObject(type, type_name, payload);
  }
  static const PayloadType* type(const HostObject& object) { return object.content_->type; }
  static const void* payload(const HostObject& object) { return object.payload(); }
};

class HostTypes final : public vm::HostTypes {
 public:
  // A builtin that belongs to a type.
  struct Member {
    enum class Kind : std::uint8_t { Method, Metamethod, Index, NewIndex, Release };
    Kind kind;
    std::uint16_t type;  // Userdata::type
    std::size_t number;  // of the method or metamethod
  };
  // What a name after a dot or colon means.
  struct Named {
    vm::Value method;  // nil: a property
    const HostType::Property* property;
  };

  // Appends the rows of these types to the table. The error is a bad or repeated name.
  [[nodiscard]] static std::expected<std::unique_ptr<HostTypes>, std::string> make(
      std::vector<HostType> types, vm::BuiltinTable& table, stdlib::BaseLibrary& library);

  const HostType& type(std::uint16_t number) const { return types_[number - 1u]; }
  const Member& member(std::uint32_t builtin) const { return members_[builtin - first_builtin_]; }
  const Named* find_name(std::uint16_t type, std::string_view name) const;
  const HostType::Metamethod* find_metamethod(std::uint16_t type, std::string_view event) const;
  // Userdata::type of the objects of a T; 0: none.
  std::uint16_t find(const PayloadType* payload) const;
  using vm::HostTypes::find;

  // Tells the host that an object which it gave away never came to be.
  void discard(const HostObject& object) const;

  // ---- vm::HostTypes.
  vm::Value method(const vm::Userdata& object, std::string_view name) const override;
  [[nodiscard]] std::expected<vm::SavedPayload, std::string> save(
      const vm::Userdata& object) const override;
  [[nodiscard]] std::expected<void, std::string> restore(vm::Userdata& object,
                                                         const vm::SavedPayload& saved,
                                                         std::uint32_t version) const override;

 private:
  class Maker;
  explicit HostTypes(std::vector<HostType> types) : types_(std::move(types)) {}
  void call_release(vm::Userdata& object) const override;

  std::vector<HostType> types_;
  std::size_t first_builtin_ = 0;
  std::vector<Member> members_;        // by builtin
  std::deque<std::string> row_names_;  // which the builtins' rows refer to
  std::vector<std::unordered_map<std::string_view, Named>> names_;  // by type
  std::unordered_map<const PayloadType*, std::uint16_t> by_payload_;
};

// Every builtin of a type is this one; its frame says which it is.
int call_type_member(vm::Vm& vm, vm::Value* args, int count);

}  // namespace moonlet::api
