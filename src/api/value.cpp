#include "moonlet/value.hpp"

namespace moonlet {

Value::Value() = default;
Value::Value(bool b) : data_(b) {}
Value::Value(int n) : data_(std::int64_t{n}) {}
Value::Value(std::int64_t n) : data_(n) {}
Value::Value(double n) : data_(n) {}
Value::Value(const char* text) : data_(std::string(text)) {}
Value::Value(std::string text) : data_(std::move(text)) {}
Value::Value(std::string_view text) : data_(std::string(text)) {}
Value::Value(Array list) : data_(std::move(list)) {}
Value::Value(Object record) : data_(std::move(record)) {}
Value::Value(Map map) : data_(std::move(map)) {}
Value::Value(HostObject object) : data_(std::move(object)) {}
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

bool Value::is_nil() const { return std::holds_alternative<std::monostate>(data_); }
const bool* Value::boolean() const { return std::get_if<bool>(&data_); }
const std::int64_t* Value::integer() const { return std::get_if<std::int64_t>(&data_); }
const double* Value::number() const { return std::get_if<double>(&data_); }
const std::string* Value::string() const { return std::get_if<std::string>(&data_); }
const Value::Array* Value::array() const { return std::get_if<Array>(&data_); }
const Value::Object* Value::object() const { return std::get_if<Object>(&data_); }
const Value::Map* Value::map() const { return std::get_if<Map>(&data_); }
const HostObject* Value::host_object() const { return std::get_if<HostObject>(&data_); }
Value::Array* Value::array() { return std::get_if<Array>(&data_); }
Value::Object* Value::object() { return std::get_if<Object>(&data_); }

const Value* Value::find(std::string_view name) const {
  const Object* record = object();
  if (record == nullptr) return nullptr;
  for (const Member& member : *record) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

static bool operator==(const Member& a, const Member& b) {
  return a.name == b.name && a.value == b.value;
}

static bool operator==(const Entry& a, const Entry& b) {
  return a.key == b.key && a.value == b.value;
}

bool operator==(const Value& a, const Value& b) {
  if (a.data_.index() != b.data_.index()) return false;
  if (const Value::Array* list = a.array()) return *list == *b.array();
  if (const Value::Object* record = a.object()) return *record == *b.object();
  if (const Value::Map* map = a.map()) return *map == *b.map();
  if (const HostObject* object = a.host_object()) return *object == *b.host_object();
  if (const std::string* text = a.string()) return *text == *b.string();
  if (const double* n = a.number()) return *n == *b.number();
  if (const std::int64_t* n = a.integer()) return *n == *b.integer();
  if (const bool* flag = a.boolean()) return *flag == *b.boolean();
  return true;
}

}  // namespace moonlet
