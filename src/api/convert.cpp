#include "api/convert.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "api/config_table.hpp"
#include "api/vm_record.hpp"
#include "heap/table.hpp"
#include "vm/builtin.hpp"

namespace moonlet::api {

using heap::Table;
using heap::Tag;

namespace {

// Of a Map, that is no string, for a place.
std::string text_of_key(const Value& key) {
  if (const bool* flag = key.boolean()) return *flag ? "true" : "false";
  if (const std::int64_t* n = key.integer()) return std::to_string(*n);
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, *key.number());
  return {text, end};
}

// Luau has no integers: what is whole and exact is one to the host.
Value number_to_host(const vm::Vm& vm, double number) {
  const bool is_whole = vm.dialect == vm::Dialect::Luau && std::fabs(number) <= 0x1p53 &&
                        std::floor(number) == number && (number != 0 || !std::signbit(number));
  return is_whole ? Value(static_cast<std::int64_t>(number)) : Value(number);
}

class ToHost {
 public:
  ToHost(vm::Vm& vm, std::string name, std::uint64_t& left)
      : vm_(vm), name_size_(name.size()), place_(std::move(name)), left_(left) {}

  bool convert(const vm::Value& value, Value& out) {
    if (!take(sizeof(Member))) return false;
    switch (value.tag()) {
      case Tag::Nil:
        out = Value();
        return true;
      case Tag::False:
        out = Value(false);
        return true;
      case Tag::True:
        out = Value(true);
        return true;
      case Tag::Integer:
        out = Value(value.integer);
        return true;
      case Tag::Float:
        out = number_to_host(vm_, value.number);
        return true;
      case Tag::String:
        if (!take(value.string()->size)) return false;
        out = Value(value.string()->view());
        return true;
      case Tag::Table:
        return convert_table(*value.table(), out);
      case Tag::Userdata:
        return convert_userdata(*value.userdata(), out);
      default:
        return fail_by_kind(value);
    }
  }
  const std::string& error() const { return error_; }

 private:
  bool fail(std::string_view what) {
    error_ = place_ + " " + std::string(what);
    return false;
  }

  bool take(std::uint64_t bytes) {
    if (bytes <= left_) {
      left_ -= bytes;
      return true;
    }
    place_.resize(name_size_);
    return fail("is too large: outside of the program it takes more than " +
                std::to_string(kHandedOverBytesMax) +
                " bytes, what is shared counting at each place");
  }

  bool fail_by_kind(const vm::Value& value) {
    return fail("is a " + std::string(vm::basic_type_name(value)) +
                ", which only this program understands");
  }

  bool convert_userdata(heap::Userdata& object, Value& out) {
    const vm::HostTypeRow* row = vm::host_type_of(vm_, vm::Value::from(&object));
    if (row == nullptr) return fail_by_kind(vm::Value::from(&object));
    if (object.is_released()) return fail("is a released " + std::string(row->name));
    const HostType& type = VmRecord::of(vm_).engine().types().type(object.type);
    out = Value(HostObjectAccess::make(type.payload, type.name, object.payload()));
    return true;
  }

  bool convert_table(const Table& table, Value& out) {
    if (const Value* config = config_behind(vm_, table); config != nullptr) {
      out = *config;
      return true;
    }
    if (std::find(above_.begin(), above_.end(), &table) != above_.end()) {
      return fail("contains itself");
    }
    if (above_.size() >= kValueDepthMax) return fail("is nested too deeply");
    above_.push_back(&table);
    const bool done = convert_entries(table, out);
    above_.pop_back();
    return done;
  }

  bool convert_entries(const Table& table, Value& out) {
    std::uint64_t names = 0;
    std::uint64_t numbers = 0;
    std::uint64_t others = 0;
    std::int64_t highest = 0;
    vm::Value key;
    vm::Value value;
    for (std::uint64_t at = heap::table_next_position(table, 0, key, value); at != 0;
         at = heap::table_next_position(table, at, key, value)) {
      if (key.is_string()) {
        ++names;
      } else if (key.is_integer() && key.integer > 0) {
        ++numbers;
        highest = std::max(highest, key.integer);
      } else if (key.is_number() || key.is_boolean()) {
        ++others;
      } else {
        return fail("has a key that is neither text nor a number");
      }
    }
    const bool is_mixed = others > 0 || (names > 0 && numbers > 0);
    const bool has_large_gaps = static_cast<std::uint64_t>(highest) > 2 * numbers + 8;
    if (is_mixed || has_large_gaps) return convert_map(table, names + numbers + others, out);
    if (numbers == 0) return convert_record(table, names, out);
    return convert_list(table, static_cast<std::size_t>(highest), out);
  }

  bool convert_list(const Table& table, std::size_t size, Value& out) {
    Value::Array list(size);
    const std::size_t length = place_.size();
    for (std::size_t n = 0; n < size; ++n) {
      place_ += "[" + std::to_string(n + 1) + "]";
      const vm::Value element = heap::table_get_integer(table, static_cast<std::int64_t>(n) + 1);
      if (!convert(element, list[n])) return false;
      place_.resize(length);
    }
    out = Value(std::move(list));
    return true;
  }

  bool convert_map(const Table& table, std::size_t size, Value& out) {
    Value::Map map;
    map.reserve(size);
    const std::size_t length = place_.size();
    vm::Value key;
    vm::Value value;
    for (std::uint64_t at = heap::table_next_position(table, 0, key, value); at != 0;
         at = heap::table_next_position(table, at, key, value)) {
      map.emplace_back();
      if (!convert(key, map.back().key)) return false;
      place_ += key.is_string() ? "." + std::string(key.string()->view())
                                : "[" + text_of_key(map.back().key) + "]";
      if (!convert(value, map.back().value)) return false;
      place_.resize(length);
    }
    out = Value(std::move(map));
    return true;
  }

  bool convert_record(const Table& table, std::size_t size, Value& out) {
    Value::Object record;
    record.reserve(size);
    const std::size_t length = place_.size();
    vm::Value key;
    vm::Value value;
    for (std::uint64_t at = heap::table_next_position(table, 0, key, value); at != 0;
         at = heap::table_next_position(table, at, key, value)) {
      if (!take(key.string()->size)) return false;
      place_ += "." + std::string(key.string()->view());
      record.push_back({std::string(key.string()->view()), Value()});
      if (!convert(value, record.back().value)) return false;
      place_.resize(length);
    }
    out = Value(std::move(record));
    return true;
  }

  vm::Vm& vm_;
  std::size_t name_size_;
  std::string place_;
  std::uint64_t& left_;  // bytes
  std::string error_;
  std::vector<const Table*> above_;
};

bool is_key(const Value& value) {
  if (const double* n = value.number()) return !std::isnan(*n);
  return value.boolean() != nullptr || value.integer() != nullptr || value.string() != nullptr;
}

// What is wrong with a value of that many levels at most, or nullptr.
const char* problem_within(const HostTypes& types, const Value& value, int levels) {
  if (const HostObject* object = value.host_object()) {
    return types.find(HostObjectAccess::type(*object)) != 0
               ? nullptr
               : "holds an object of a type that this engine does not have";
  }
  const Value::Array* list = value.array();
  const Value::Object* record = value.object();
  const Value::Map* map = value.map();
  if (list == nullptr && record == nullptr && map == nullptr) return nullptr;
  if (levels == 0) return "is nested too deeply";
  if (list != nullptr) {
    for (const Value& element : *list) {
      if (const char* problem = problem_within(types, element, levels - 1)) return problem;
    }
    return nullptr;
  }
  if (record != nullptr) {
    for (const Member& member : *record) {
      if (const char* problem = problem_within(types, member.value, levels - 1)) return problem;
    }
    return nullptr;
  }
  for (const Entry& entry : *map) {
    if (!is_key(entry.key)) return "has a key that is no boolean, number or string";
    if (const char* problem = problem_within(types, entry.value, levels - 1)) return problem;
  }
  return nullptr;
}

}  // namespace

std::expected<Value, std::string> to_host(vm::Vm& vm, const vm::Value& value, std::string name,
                                          std::uint64_t& left) {
  ToHost converter(vm, std::move(name), left);
  Value out;
  if (!converter.convert(value, out)) return std::unexpected(converter.error());
  return out;
}

std::string problem_with(const HostTypes& types, const Value& value) {
  const char* problem = problem_within(types, value, kValueDepthMax);
  return problem == nullptr ? std::string() : problem;
}

// ---- Into a Vm.

bool ToGuest::convert(const Value& value, vm::Value& out) {
  out = vm::Value::nil();
  if (const bool* b = value.boolean()) out = vm::Value::boolean(*b);
  if (const std::int64_t* n = value.integer()) {
    out = vm_.dialect == vm::Dialect::Luau ? vm::Value::from(static_cast<double>(*n))
                                           : vm::Value::from(*n);
  }
  if (const double* n = value.number()) out = vm::Value::from(*n);
  if (const std::string* text = value.string()) {
    heap::String* string = vm_.heap.new_string(*text);
    if (string == nullptr) return false;
    out = vm::Value::from(string);
  }
  if (const Value::Array* list = value.array()) return convert_list(*list, out);
  if (const Value::Object* record = value.object()) return convert_record(*record, out);
  if (const Value::Map* map = value.map()) return convert_map(*map, out);
  if (const HostObject* object = value.host_object()) return convert_object(*object, out);
  return true;
}

bool ToGuest::convert_list(const Value::Array& list, vm::Value& out) {
  Table* table = vm_.heap.new_table(static_cast<std::uint32_t>(list.size()));
  if (table == nullptr) return false;
  std::int64_t place = 0;
  for (const Value& element : list) {
    vm::Value converted;
    if (!convert(element, converted)) return false;
    if (heap::table_set_integer(vm_.heap, *table, ++place, converted) != heap::SetResult::Ok) {
      return false;
    }
  }
  out = vm::Value::from(table);
  return true;
}

bool ToGuest::convert_record(const Value::Object& record, vm::Value& out) {
  Table* table = vm_.heap.new_table(0, static_cast<std::uint32_t>(record.size()));
  if (table == nullptr) return false;
  for (const Member& member : record) {
    vm::Value converted;
    if (!convert(member.value, converted)) return false;
    if (!heap::set_field(vm_.heap, *table, member.name, converted)) return false;
  }
  out = vm::Value::from(table);
  return true;
}

bool ToGuest::convert_map(const Value::Map& map, vm::Value& out) {
  Table* table = vm_.heap.new_table();
  if (table == nullptr) return false;
  for (const Entry& entry : map) {
    vm::Value key;
    vm::Value value;
    if (!convert(entry.key, key) || !convert(entry.value, value)) return false;
    if (heap::table_set(vm_.heap, *table, key, value) == heap::SetResult::NoMemory) return false;
  }
  out = vm::Value::from(table);
  return true;
}

bool ToGuest::convert_object(const HostObject& object, vm::Value& out) {
  const std::uint16_t type =
      VmRecord::of(vm_).engine().types().find(HostObjectAccess::type(object));
  // Only what a host keeps in a configuration can get here unseen.
  if (type == 0) return true;
  vm::Userdata* made = vm::new_host_object(vm_, type);
  if (made == nullptr) return false;
  if (made->size > 0) std::memcpy(made->payload(), HostObjectAccess::payload(object), made->size);
  made_.push_back(made);
  out = vm::Value::from(made);
  return true;
}

void ToGuest::keep() {
  for (vm::Userdata* made : made_) vm::own_host_object(vm_, *made);
  made_.clear();
}

bool to_guest(vm::Vm& vm, const Value& value, vm::Value& out) {
  ToGuest converter(vm);
  if (!converter.convert(value, out)) return false;
  converter.keep();
  return true;
}

bool to_guest_collecting(vm::Vm& vm, const Value& value, vm::Value& out) {
  if (to_guest(vm, value, out)) return true;
  vm.heap.collect_full();
  return to_guest(vm, value, out);
}

void discard(const HostTypes& types, const Value& value) {
  if (const HostObject* object = value.host_object()) types.discard(*object);
  if (const Value::Array* list = value.array()) {
    for (const Value& element : *list) discard(types, element);
  }
  if (const Value::Object* record = value.object()) {
    for (const Member& member : *record) discard(types, member.value);
  }
  if (const Value::Map* map = value.map()) {
    for (const Entry& entry : *map) discard(types, entry.value);
  }
}

}  // namespace moonlet::api
