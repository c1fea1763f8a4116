// Types of the host's own objects, as scripts see them: docs/host_objects.md tells how they behave.
//
//   struct Vec3 { double x, y, z; };
//   HostTypeOf<Vec3> type("Vec3", 1);
//   type.field("x", &Vec3::x)
//       .method("length", [](Vec3& v, const HostCall&) { return results(norm(v)); })
//       .metamethod("__add", add_vectors)
//       .saved(to_bytes, from_bytes);
//   Engine::make({{"Vec3", make_vector}}, {type});
//
// A script gets objects from functions of the host, which answer HostObject::of(Vec3{1, 2, 3}).
//
// All functions given here run on the thread that runs, freezes, thaws or destroys the Vm, and must
// not use the Vm. What they throw becomes an error.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "moonlet/host_call.hpp"
#include "moonlet/host_object.hpp"

namespace moonlet {

// A type without its C++ side; HostTypeOf<T> fills it.
struct HostType {
  using Function = std::function<HostResult(void* payload, const HostCall& call)>;
  struct Method {
    std::string name;
    Function call;
  };
  struct Property {
    std::string name;
    Function get;
    Function set;  // empty: read-only
  };
  struct Metamethod {
    std::string event;
    std::function<HostResult(const HostCall& call)> call;
  };

  std::string name;
  std::uint32_t version = 1;
  const PayloadType* payload = nullptr;
  std::vector<Method> methods;
  std::vector<Property> properties;
  std::vector<Metamethod> metamethods;
  // A handle: states hold the payload as a number, and nothing of what it stands for.
  bool is_handle = false;
  std::function<std::expected<std::string, std::string>(const void* payload)> save;
  // `bytes` are a handle's payload, or what save() answered.
  std::function<std::expected<void, std::string>(void* payload, std::string_view bytes,
                                                 std::uint32_t version)>
      restore;
  std::function<void(void* payload)> release;
};

// T is trivially copyable; it may be empty. Names are those of the language.
template <typename T>
class HostTypeOf : public HostType {
 public:
  using Call = std::function<HostResult(T& self, const HostCall& call)>;

  HostTypeOf(std::string type_name, std::uint32_t type_version) {
    name = std::move(type_name);
    version = type_version;
    payload = payload_type<T>();
  }

  // object:name(...). Arguments count without the object.
  HostTypeOf& method(std::string method_name, Call call) {
    methods.push_back({std::move(method_name), erased(std::move(call))});
    return *this;
  }

  // object.name, which is the first result of `get`; object.name = v calls `set` with v as its
  // argument.
  HostTypeOf& property(std::string property_name, Call get, Call set = {}) {
    properties.push_back(
        {std::move(property_name), erased(std::move(get)), erased(std::move(set))});
    return *this;
  }

  // A member as a property: a double, a 64-bit integer, or a bool.
  template <typename V>
  HostTypeOf& field(std::string property_name, V T::*member) {
    static_assert(std::is_same_v<V, double> || std::is_same_v<V, std::int64_t> ||
                  std::is_same_v<V, bool>);
    return property(
        std::move(property_name),
        [member](T& self, const HostCall&) { return results(self.*member); },
        [member](T& self, const HostCall& call) { return set_field(self.*member, call); });
  }

  // An operator or another event of the language, by its name there: "__add", "__eq", "__call" ...
  // Arguments are those that the language gives, the object among them. "__index" and "__newindex"
  // are asked for what is neither method nor property. "__gc" is released()'s.
  HostTypeOf& metamethod(std::string event, std::function<HostResult(const HostCall&)> call) {
    metamethods.push_back({std::move(event), std::move(call)});
    return *this;
  }

  // How an object becomes bytes and comes back; either may refuse with a text. Bytes and version
  // are those of a state: they may be from anywhere. REQUIRES: the same bytes on every machine, and
  // save(restore(b)) is b.
  HostTypeOf& saved(std::function<std::expected<std::string, std::string>(const T&)> save_object,
                    std::function<std::expected<T, std::string>(std::string_view, std::uint32_t)>
                        restore_object) {
    save = [f = std::move(save_object)](const void* object) {
      return f(*static_cast<const T*>(object));
    };
    restore = [f = std::move(restore_object)](
                  void* object, std::string_view bytes,
                  std::uint32_t of_version) -> std::expected<void, std::string> {
      return store(object, f(bytes, of_version));
    };
    return *this;
  }

  // The payload is a number of 64 bits whose meaning the host keeps. States hold the number;
  // `resolve` gets it and answers the payload to go on with, or why there is none. Without it, the
  // number stays and the version has to be the same.
  HostTypeOf& handle(
      std::function<std::expected<T, std::string>(T saved, std::uint32_t version)> resolve = {}) {
    static_assert(sizeof(T) == 8 && !std::is_empty_v<T>, "a handle has 64 bits");
    is_handle = true;
    if (!resolve) return *this;
    restore = [f = std::move(resolve)](
                  void* object, std::string_view bytes,
                  std::uint32_t of_version) -> std::expected<void, std::string> {
      T number;
      std::memcpy(&number, bytes.data(), sizeof number);
      return store(object, f(number, of_version));
    };
    return *this;
  }

  // Called once for each object: when it is collected, closed with the Vm, or destroyed with it. An
  // object that was released cannot be used.
  HostTypeOf& released(std::function<void(T&)> release_object) {
    release = [f = std::move(release_object)](void* object) { f(*static_cast<T*>(object)); };
    return *this;
  }

 private:
  static Function erased(Call call) {
    if (!call) return {};
    return [f = std::move(call)](void* self, const HostCall& arguments) {
      return f(*static_cast<T*>(self), arguments);
    };
  }

  static std::expected<void, std::string> store(void* object,
                                                std::expected<T, std::string> payload_or_error) {
    if (!payload_or_error) return std::unexpected(std::move(payload_or_error.error()));
    if constexpr (!std::is_empty_v<T>) std::memcpy(object, &*payload_or_error, sizeof(T));
    return {};
  }

  template <typename V>
  static HostResult set_field(V& member, const HostCall& call) {
    if constexpr (std::is_same_v<V, double>) {
      const auto n = call.number(0);
      if (!n) return std::unexpected(call.wrong_argument(0, "number"));
      member = *n;
    } else if constexpr (std::is_same_v<V, bool>) {
      const bool* b = call.argument(0).boolean();
      if (b == nullptr) return std::unexpected(call.wrong_argument(0, "boolean"));
      member = *b;
    } else {
      const auto n = call.integer(0);
      if (!n) return std::unexpected(call.wrong_argument(0, "integer"));
      member = *n;
    }
    return results();
  }
};

}  // namespace moonlet
