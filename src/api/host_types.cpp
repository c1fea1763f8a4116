#include "api/host_types.hpp"

#include <algorithm>
#include <cstring>

#include "api/guarded.hpp"

namespace moonlet::api {

using heap::Event;
using Member = HostTypes::Member;

namespace {

constexpr std::string_view kEventNames[] = {
#define ML_EVENT(name, text) text,
#include "heap/events.def"
};

int event_number(std::string_view name) {
  const auto* found = std::find(std::begin(kEventNames), std::end(kEventNames), name);
  return found == std::end(kEventNames) ? -1 : static_cast<int>(found - kEventNames);
}

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  if (text.empty() || !is_letter(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

class HostTypes::Maker {
 public:
  Maker(HostTypes& out, vm::BuiltinTable& table, stdlib::BaseLibrary& library)
      : out_(out), table_(table), library_(library) {}

  std::expected<void, std::string> make() {
    if (out_.types_.size() > vm::kHostTypesMax) return std::unexpected("there are too many types");
    out_.first_builtin_ = table_.rows.size();
    out_.names_.resize(out_.types_.size());
    for (std::size_t n = 0; n < out_.types_.size(); ++n) {
      if (!add_type(out_.types_[n], static_cast<std::uint16_t>(n + 1))) {
        return std::unexpected("the type " + quoted(out_.types_[n].name) + ": " + problem_);
      }
    }
    return {};
  }

 private:
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool add_type(const HostType& type, std::uint16_t number) {
    if (!is_name(type.name)) return fail("a type's name has letters, digits and '_'");
    if (out_.find(type.name) != 0) return fail("the name is taken already");
    if (type.payload == nullptr) return fail("it has no payload: make it with HostTypeOf");
    if (!out_.by_payload_.emplace(type.payload, number).second) {
      return fail("another type has the same C++ type");
    }
    events_.assign(std::size(kEventNames), vm::Value::nil());
    if (!add_methods(type, number) || !add_properties(type, number) ||
        !add_metamethods(type, number)) {
      return false;
    }
    heap::Table* metatable = library_.new_type_metatable(type.name, events_);
    if (metatable == nullptr) return fail("not enough memory");
    out_.rows.push_back({type.name, type.version, type.payload->size, type.is_handle,
                         static_cast<bool>(type.release), metatable});
    return true;
  }

  bool add_methods(const HostType& type, std::uint16_t number) {
    for (std::size_t n = 0; n < type.methods.size(); ++n) {
      const HostType::Method& method = type.methods[n];
      vm::Value builtin;
      if (!method.call) return fail("its method " + quoted(method.name) + " has no function");
      if (!is_member_name(method.name)) return false;
      if (!add_row(type, method.name, {Member::Kind::Method, number, n}, builtin)) return false;
      if (!add_name(number, method.name, {builtin, nullptr})) return false;
    }
    return true;
  }

  bool add_properties(const HostType& type, std::uint16_t number) {
    for (const HostType::Property& property : type.properties) {
      if (!property.get) return fail("its property " + quoted(property.name) + " cannot be read");
      if (!is_member_name(property.name)) return false;
      if (!add_name(number, property.name, {vm::Value::nil(), &property})) return false;
    }
    return true;
  }

  bool add_metamethods(const HostType& type, std::uint16_t number) {
    for (std::size_t n = 0; n < type.metamethods.size(); ++n) {
      const HostType::Metamethod& metamethod = type.metamethods[n];
      const int event = event_number(metamethod.event);
      if (event < 0 || is_ours(static_cast<Event>(event))) {
        return fail(quoted(metamethod.event) + " is no event that a type can define");
      }
      if (!metamethod.call) return fail("its " + quoted(metamethod.event) + " has no function");
      if (!events_[static_cast<std::size_t>(event)].is_nil()) {
        return fail(quoted(metamethod.event) + " is defined twice");
      }
      // Names come first: the two that may be asked for them have rows of their own below.
      const bool is_fallback =
          event == static_cast<int>(Event::Index) || event == static_cast<int>(Event::NewIndex);
      if (is_fallback) {
        if (out_.find_metamethod(number, metamethod.event) != &metamethod) {
          return fail(quoted(metamethod.event) + " is defined twice");
        }
        continue;
      }
      if (!add_event(type, static_cast<Event>(event), {Member::Kind::Metamethod, number, n})) {
        return false;
      }
    }
    return add_event(type, Event::Index, {Member::Kind::Index, number, 0}) &&
           add_event(type, Event::NewIndex, {Member::Kind::NewIndex, number, 0}) &&
           (!type.release || add_event(type, Event::Gc, {Member::Kind::Release, number, 0}));
  }

  // Name, guard and weakness are not the type's to choose; its end is told to `release`.
  static bool is_ours(Event event) {
    return event == Event::Gc || event == Event::Mode || event == Event::Name ||
           event == Event::Metatable;
  }

  bool is_member_name(std::string_view name) {
    return is_name(name) || fail(quoted(name) + " is no name for a method or property");
  }

  bool add_name(std::uint16_t number, std::string_view name, Named named) {
    return out_.names_[number - 1u].emplace(name, named).second ||
           fail("it has " + quoted(name) + " twice");
  }

  bool add_event(const HostType& type, Event event, Member member) {
    const auto n = static_cast<std::size_t>(event);
    return add_row(type, kEventNames[n], member, events_[n]);
  }

  bool add_row(const HostType& type, std::string_view name, Member member, vm::Value& builtin) {
    std::string row_name = type.name + ":" + std::string(name);
    if (table_.find(row_name) >= 0) return fail("the name " + quoted(row_name) + " is taken");
    if (table_.rows.size() >= heap::kBuiltinLimit) return fail("there are too many functions");
    builtin = vm::Value::from_builtin(static_cast<std::uint32_t>(table_.rows.size()));
    out_.row_names_.push_back(std::move(row_name));
    table_.add({out_.row_names_.back(), call_type_member});
    out_.members_.push_back(member);
    return true;
  }

  HostTypes& out_;
  vm::BuiltinTable& table_;
  stdlib::BaseLibrary& library_;
  std::vector<vm::Value> events_;  // of the type that is being added
  std::string problem_;
};

std::expected<std::unique_ptr<HostTypes>, std::string> HostTypes::make(
    std::vector<HostType> types, vm::BuiltinTable& table, stdlib::BaseLibrary& library) {
  std::unique_ptr<HostTypes> made(new HostTypes(std::move(types)));
  if (auto done = Maker(*made, table, library).make(); !done) {
    return std::unexpected(done.error());
  }
  return made;
}

const HostTypes::Named* HostTypes::find_name(std::uint16_t type, std::string_view name) const {
  const auto& names = names_[type - 1u];
  const auto found = names.find(name);
  return found == names.end() ? nullptr : &found->second;
}

const HostType::Metamethod* HostTypes::find_metamethod(std::uint16_t type,
                                                       std::string_view event) const {
  for (const HostType::Metamethod& metamethod : types_[type - 1u].metamethods) {
    if (metamethod.event == event) return &metamethod;
  }
  return nullptr;
}

std::uint16_t HostTypes::find(const PayloadType* payload) const {
  const auto found = by_payload_.find(payload);
  return found == by_payload_.end() ? 0 : found->second;
}

vm::Value HostTypes::method(const vm::Userdata& object, std::string_view name) const {
  const Named* named = find_name(object.type, name);
  return named == nullptr ? vm::Value::nil() : named->method;
}

// ---- Payloads.

namespace {

const void* payload_of(const vm::Userdata& object) {
  return const_cast<vm::Userdata&>(object).payload();
}

std::string version_text(std::uint32_t version) { return "version " + std::to_string(version); }

// Numbers travel as bytes in the order of this machine: they are only ever a payload here.
std::string number_bytes(std::uint64_t number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

}  // namespace

std::expected<vm::SavedPayload, std::string> HostTypes::save(const vm::Userdata& object) const {
  const HostType& type = types_[object.type - 1u];
  vm::SavedPayload saved;
  if (type.is_handle) {
    saved.is_number = true;
    std::memcpy(&saved.number, payload_of(object), sizeof saved.number);
    return saved;
  }
  if (!type.save) return std::unexpected("its type has no way to save itself");
  auto bytes = guarded<std::expected<std::string, std::string>>(
      [&] { return type.save(payload_of(object)); });
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  saved.bytes = std::move(*bytes);
  return saved;
}

std::expected<void, std::string> HostTypes::restore(vm::Userdata& object,
                                                    const vm::SavedPayload& saved,
                                                    std::uint32_t version) const {
  const HostType& type = types_[object.type - 1u];
  const auto refuse = [&](std::string_view why) {
    return std::unexpected("type '" + type.name + "' (" + version_text(version) +
                           " in the state, " + version_text(type.version) +
                           " here): " + std::string(why));
  };
  if (saved.is_number != type.is_handle) {
    return refuse(type.is_handle ? "this is no handle" : "this is no handle's type");
  }
  if (!type.restore) {
    if (!type.is_handle) return refuse("it has no way to restore itself");
    if (version != type.version) return refuse("another version");
    std::memcpy(object.payload(), &saved.number, sizeof saved.number);
    return {};
  }
  auto done = guarded<std::expected<void, std::string>>([&] {
    return type.restore(object.payload(),
                        saved.is_number ? number_bytes(saved.number) : saved.bytes, version);
  });
  if (!done) return refuse(done.error());
  return {};
}

void HostTypes::call_release(vm::Userdata& object) const {
  // There is nobody to tell of a failure.
  static_cast<void>(
      guarded<std::expected<void, std::string>>([&]() -> std::expected<void, std::string> {
        types_[object.type - 1u].release(object.payload());
        return {};
      }));
}

void HostTypes::discard(const HostObject& object) const {
  const std::uint16_t number = find(HostObjectAccess::type(object));
  if (number == 0 || !types_[number - 1u].release) return;
  const std::size_t size = rows[number - 1u].payload_size;
  const auto copy = std::make_unique<std::byte[]>(size + 1);
  if (size > 0) std::memcpy(copy.get(), HostObjectAccess::payload(object), size);
  static_cast<void>(
      guarded<std::expected<void, std::string>>([&]() -> std::expected<void, std::string> {
        types_[number - 1u].release(copy.get());
        return {};
      }));
}

}  // namespace moonlet::api
