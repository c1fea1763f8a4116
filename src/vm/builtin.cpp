#include "vm/builtin.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/number_parse.hpp"
#include "heap/long_strings.hpp"
#include "heap/vector.hpp"
#include "vm/debug.hpp"

namespace moonlet::vm {

using heap::Event;

// ---- Results and errors.

int return_string(Vm& vm, Value* args, std::string_view text) {
  String* string = vm.heap.new_string(text);
  if (string == nullptr) return kNoMemory;
  return return_one(args, Value::from(string));
}

String* new_string_collecting(Vm& vm, std::string_view text) {
  String* string = vm.heap.new_string(text);
  if (ML_LIKELY(string != nullptr)) return string;
  collect_for_memory(vm, Standing::Inside);
  return vm.heap.new_string(text);
}

int throw_value(Vm& vm, const Value& value) {
  vm.heap.error = value;
  vm.unmade_error.reset();
  vm.error_limit = LimitKind::None;
  vm.is_out_of_memory = false;
  vm.failure = kThrow;
  return kThrow;
}

int throw_value_text(Vm& vm, std::string_view message) {
  String* string = vm.heap.new_string(message);
  if (ML_LIKELY(string != nullptr)) return throw_value(vm, Value::from(string));
  throw_value(vm, Value::from(vm.memory_message));
  vm.unmade_error = std::make_unique<std::string>(message);
  return kThrow;
}

int throw_memory(Vm& vm) {
  const heap::Refusal refusal = std::exchange(vm.heap.refusal, heap::Refusal::Host);
  switch (refusal) {
    case heap::Refusal::Table:
      return throw_limit_here(vm, LimitKind::TableSize, "table too large");
    case heap::Refusal::Coroutines:
      return throw_limit_here(vm, LimitKind::Coroutines, "too many coroutines");
    case heap::Refusal::Identities:
      return throw_here(vm, "too many objects were used as keys or shown");
    case heap::Refusal::Host:
    case heap::Refusal::Limit:
    case heap::Refusal::Again:
      break;
  }
  throw_value(vm, Value::from(vm.memory_message));
  if (refusal == heap::Refusal::Limit) {
    vm.error_limit = LimitKind::Memory;
    vm.heap.reserve_is_open = true;
  }
  vm.is_out_of_memory = true;
  ++vm.memory_errors;
  return kThrow;
}

int throw_error(Vm& vm, std::string_view message) {
  return throw_value_text(vm, where(vm, *vm.thread(), 1) + std::string(message));
}

int throw_error(Vm& vm, std::initializer_list<std::string_view> parts) {
  std::string message;
  for (const std::string_view part : parts) message += part;
  return throw_error(vm, message);
}

namespace {

// "find" of "luau:string.find", as Luau's messages name it; empty: a function without a name.
std::string_view last_name(std::string_view name) {
  if (name.find("intrinsic.") != std::string_view::npos) return {};
  const std::size_t end = name.find_last_of(".:");
  return end == std::string_view::npos ? name : name.substr(end + 1);
}

std::string_view own_name(Vm& vm) {
  Level level;
  if (!find_level(vm, *vm.thread(), 0, level)) return {};
  const Value function = level.function();
  if (function.is_builtin()) return last_name(vm.builtins.rows[function.builtin()].name);
  if (!function.is_closure() || function.closure()->proto->debug_name == nullptr) return {};
  return last_name(function.closure()->proto->debug_name->view());
}

// " to 'find'", or nothing.
std::string to_function(Vm& vm) {
  const std::string_view name = own_name(vm);
  return name.empty() ? std::string() : " to '" + std::string(name) + "'";
}

}  // namespace

std::string arg_error_text(Vm& vm, int index, std::string_view message) {
  if (vm.dialect == Dialect::Luau) {
    return "invalid argument #" + std::to_string(index + 1) + to_function(vm) + " (" +
           std::string(message) + ")";
  }
  Level level;
  std::string name = "?";
  int number = index + 1;
  if (find_level(vm, *vm.thread(), 0, level)) {
    FunctionName called = called_name(vm, level);
    if (called.kind == "method") {
      --number;
      if (number == 0) {
        return "calling '" + called.name + "' on bad self (" + std::string(message) + ")";
      }
    }
    if (called.kind.empty()) {
      const std::string library = library_name(vm, level.function());
      if (!library.empty()) name = library;
    } else {
      name = called.name;
    }
  }
  return "bad argument #" + std::to_string(number) + " to '" + name + "' (" + std::string(message) +
         ")";
}

std::string actual_type_name(Vm& vm, const Value* args, int count, int index) {
  if (index >= count) return "no value";
  if (args[index].is(Tag::LightUserdata) && vm.dialect == Dialect::Lua54) return "light userdata";
  return std::string(type_name(vm, args[index]));
}

std::string type_error_text(Vm& vm, const Value* args, int count, int index,
                            std::string_view expected) {
  return type_error_text(vm, index, expected,
                         index < count ? actual_type_name(vm, args, count, index) : "");
}

std::string type_error_text(Vm& vm, int index, std::string_view expected, std::string_view actual) {
  if (actual.empty() && vm.dialect == Dialect::Luau) {
    return "missing argument #" + std::to_string(index + 1) + to_function(vm) + " (" +
           std::string(expected) + " expected)";
  }
  return arg_error_text(vm, index,
                        std::string(expected) + " expected, got " +
                            (actual.empty() ? "no value" : std::string(actual)));
}

int throw_arg_error(Vm& vm, int index, std::string_view message) {
  return throw_error(vm, arg_error_text(vm, index, message));
}

int throw_type_error(Vm& vm, Value* args, int count, int index, std::string_view expected) {
  return throw_error(vm, type_error_text(vm, args, count, index, expected));
}

// ---- Arguments.

bool arg_any(Vm& vm, Value*, int count, int index) {
  if (index < count) return true;
  if (vm.dialect == Dialect::Luau) {
    throw_error(vm, "missing argument #" + std::to_string(index + 1));
  } else {
    throw_arg_error(vm, index, "value expected");
  }
  return false;
}

bool arg_integer_slow(Vm& vm, Value* args, int count, int index, std::int64_t& out) {
  if (vm.dialect == Dialect::Luau) {
    double number;
    if (!arg_number(vm, args, count, index, number)) return false;
    const bool fits = number >= -0x1p63 && number < 0x1p63;
    out = fits ? static_cast<std::int64_t>(number) : INT64_MIN;
    return true;
  }
  if (index < count) {
    if (to_integer(args[index], out)) return true;
    Value number;
    if (to_number(args[index], number)) {
      throw_arg_error(vm, index, "number has no integer representation");
      return false;
    }
  }
  throw_type_error(vm, args, count, index, "number");
  return false;
}

bool arg_number(Vm& vm, Value* args, int count, int index, double& out) {
  Value number;
  if (index < count && to_number(args[index], number)) {
    out = number.is_integer() ? static_cast<double>(number.integer) : number.number;
    return true;
  }
  throw_type_error(vm, args, count, index, "number");
  return false;
}

bool arg_string_slow(Vm& vm, Value* args, int count, int index, String*& out) {
  if (index < count) {
    if (args[index].is_number()) {
      char buffer[kNumberTextSize];
      out = vm.heap.new_string(number_text(vm, args[index], buffer));
      if (out == nullptr) {
        vm.failure = kNoMemory;
        return false;
      }
      args[index] = Value::from(out);
      return true;
    }
  }
  throw_type_error(vm, args, count, index, "string");
  return false;
}

bool arg_table(Vm& vm, Value* args, int count, int index, Table*& out) {
  if (index < count && args[index].is_table()) {
    out = args[index].table();
    return true;
  }
  throw_type_error(vm, args, count, index, "table");
  return false;
}

bool opt_number(Vm& vm, Value* args, int count, int index, double fallback, double& out) {
  if (is_none_or_nil(args, count, index)) {
    out = fallback;
    return true;
  }
  return arg_number(vm, args, count, index, out);
}

// ---- Values.

std::string_view number_text(const Value& number, char (&buffer)[kNumberTextSize]) {
  if (number.is_integer()) {
    const auto end = std::to_chars(buffer, buffer + kNumberTextSize, number.integer);
    return {buffer, static_cast<std::size_t>(end.ptr - buffer)};
  }
  const double n = number.number;
  if (n != n) return "nan";
  if (std::isinf(n)) return n > 0 ? "inf" : "-inf";
  char* end =
      std::to_chars(buffer, buffer + kNumberTextSize - 2, n, std::chars_format::general, 14).ptr;
  bool looks_integral = true;
  for (const char* c = buffer; c != end; ++c) {
    if (*c != '-' && (*c < '0' || *c > '9')) looks_integral = false;
  }
  if (looks_integral) {
    *end++ = '.';
    *end++ = '0';
  }
  return {buffer, static_cast<std::size_t>(end - buffer)};
}

namespace {

// Digits of a number, without a sign or a dot, and where the dot belongs before them.
struct Digits {
  char text[24];
  int count = 0;
  int dot = 0;
};

Digits shortest_digits(double n) {
  char scientific[32];
  const char* end =
      std::to_chars(scientific, scientific + sizeof scientific, n, std::chars_format::scientific)
          .ptr;
  Digits digits;
  const char* at = scientific;
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') digits.text[digits.count++] = *at;
  }
  int exponent = 0;
  std::from_chars(at[1] == '+' ? at + 2 : at + 1, end, exponent);
  digits.dot = exponent + 1;
  while (digits.count > 1 && digits.text[digits.count - 1] == '0') --digits.count;
  return digits;
}

}  // namespace

std::string_view shortest_text(double n, char (&buffer)[kNumberTextSize]) {
  if (n != n) return "nan";
  if (std::isinf(n)) return n > 0 ? "inf" : "-inf";
  char* out = buffer;
  if (std::signbit(n)) *out++ = '-';
  const Digits digits = shortest_digits(std::fabs(n));
  const auto put = [&](int from, int to) {
    for (int i = from; i < to; ++i) *out++ = i < 0 || i >= digits.count ? '0' : digits.text[i];
  };
  // So many places before and behind the dot are written out.
  if (digits.dot >= -5 && digits.dot <= 21) {
    if (digits.dot <= 0) *out++ = '0';
    put(0, digits.dot);
    if (digits.count > digits.dot && n != 0) {
      *out++ = '.';
      put(digits.dot < 0 ? digits.dot : std::max(digits.dot, 0), digits.count);
    }
    return {buffer, static_cast<std::size_t>(out - buffer)};
  }
  put(0, 1);
  if (digits.count > 1) {
    *out++ = '.';
    put(1, digits.count);
  }
  *out++ = 'e';
  if (digits.dot - 1 >= 0) *out++ = '+';
  const int exponent = digits.dot - 1;
  if (exponent < 0) *out++ = '-';
  if (std::abs(exponent) < 10) *out++ = '0';
  out = std::to_chars(out, buffer + kNumberTextSize, std::abs(exponent)).ptr;
  return {buffer, static_cast<std::size_t>(out - buffer)};
}

std::string_view number_text(const Vm& vm, const Value& number, char (&buffer)[kNumberTextSize]) {
  return vm.dialect == Dialect::Luau && number.is_float() ? shortest_text(number.number, buffer)
                                                          : number_text(number, buffer);
}

bool to_number(const Value& value, Value& number) {
  if (value.is_number()) {
    number = value;
    return true;
  }
  if (!value.is_string() || value.string()->size > kNumeralBytesMax) return false;
  const base::ParsedNumber parsed = base::parse_number(value.string()->view());
  switch (parsed.kind) {
    case base::NumberKind::None:
      return false;
    case base::NumberKind::Integer:
      number = Value::from(parsed.integer);
      return true;
    case base::NumberKind::Float:
      number = Value::from(parsed.number);
      return true;
  }
  return false;
}

bool number_to_integer(const Value& value, std::int64_t& integer) {
  if (value.is_integer()) {
    integer = value.integer;
    return true;
  }
  return value.is_float() && heap::float_to_integer_exact(value.number, integer);
}

bool to_integer(const Value& value, std::int64_t& integer) {
  Value number;
  return to_number(value, number) && number_to_integer(number, integer);
}

std::string_view basic_type_name(const Value& value) {
  return heap::basic_type_name(heap::basic_type(value));
}

Table* metatable_of(Vm& vm, const Value& value) {
  if (value.is_table()) return value.table()->metatable;
  if (value.is_userdata()) return value.userdata()->metatable;
  return vm.heap.basic_metatable(heap::basic_type(value));
}

Value metamethod(Vm& vm, const Value& value, Event event) {
  return heap::table_event(vm.heap, metatable_of(vm, value), event);
}

namespace {

// In Luau the metatable of a host's type, or of all values of a basic one, may name it.
std::string_view name_in_luau(Vm& vm, const Value& value) {
  const bool is_proxy = value.is_userdata() && value.userdata()->type == kProxyUserdata;
  Table* metatable = value.is_table() || is_proxy ? nullptr : metatable_of(vm, value);
  if (metatable != nullptr) {
    const Value name = heap::get_field(vm.heap, *metatable, "__type");
    if (name.is_string()) return name.string()->view();
    const Value of_host = heap::table_event(vm.heap, metatable, Event::Name);
    if (value.is_userdata() && of_host.is_string()) return of_host.string()->view();
  }
  return basic_type_name(value);
}

}  // namespace

std::string_view type_name(Vm& vm, const Value& value) {
  if (vm.dialect == Dialect::Luau) return name_in_luau(vm, value);
  if (value.is_table() || value.is_userdata()) {
    const Value name = metamethod(vm, value, Event::Name);
    if (name.is_string()) return name.string()->view();
  }
  return basic_type_name(value);
}

bool raw_equal(const Value& a, const Value& b) {
  if (a.tag() != b.tag()) {
    if (a.is_integer() && b.is_float()) {
      std::int64_t integer;
      return heap::float_to_integer_exact(b.number, integer) && integer == a.integer;
    }
    if (a.is_float() && b.is_integer()) return raw_equal(b, a);
    return false;
  }
  switch (a.tag()) {
    case Tag::Nil:
    case Tag::False:
    case Tag::True:
      return true;
    case Tag::Float:
      return a.number == b.number;
    case Tag::String:
      return a.bits == b.bits || (a.string()->is_long() && b.string()->is_long() &&
                                  a.string()->view() == b.string()->view());
    case Tag::Vector:
      return heap::is_equal_vector(a, b);
    default:
      return a.bits == b.bits;
  }
}

std::string basic_text(Vm& vm, const Value& value) {
  switch (value.tag()) {
    case Tag::Nil:
      return "nil";
    case Tag::False:
      return "false";
    case Tag::True:
      return "true";
    case Tag::Integer:
    case Tag::Float: {
      char buffer[kNumberTextSize];
      return std::string(number_text(vm, value, buffer));
    }
    case Tag::String:
      return std::string(value.string()->view());
    case Tag::Vector: {
      std::string text;
      for (const float lane : heap::vector_lanes(value)) {
        char buffer[kNumberTextSize];
        if (!text.empty()) text += ", ";
        text += shortest_text(static_cast<double>(lane), buffer);
      }
      return text;
    }
    default:
      break;
  }
  std::uint64_t identity;
  std::string text;
  if (value.is_builtin()) {
    text = "function: builtin: ";
    identity = value.bits + 1;
  } else if (value.is(Tag::LightUserdata)) {
    text = "userdata: ";
    identity = value.bits;
  } else {
    text = std::string(type_name(vm, value)) + ": ";
    if (value.is_closure() && looks_native(value)) text = "function: builtin: ";
    identity = vm.heap.identity(value.object);
  }
  char digits[16];
  const auto end = std::to_chars(digits, digits + 16, identity, 16);
  const auto size = static_cast<std::size_t>(end.ptr - digits);
  return text + "0x" + std::string(size < 8 ? 8 - size : 0, '0') + std::string(digits, size);
}

void charge(Vm& vm, std::uint64_t units) { vm.fuel -= static_cast<std::int64_t>(units); }

bool is_ready_as_key(Vm& vm, const Value& key) {
  return !key.is_string() || ML_LIKELY(!heap::is_long_to_hash(*key.string())) ||
         heap::hash_in_pieces(vm.heap, *key.string());
}

GrowsInPieces::GrowsInPieces(Vm& vm) : vm_(vm) { vm.heap.may_grow_in_pieces = true; }

GrowsInPieces::~GrowsInPieces() {
  vm_.heap.may_grow_in_pieces = false;
  if (ML_LIKELY(vm_.heap.unpaid_units == 0)) return;
  charge(vm_, vm_.heap.unpaid_units);
  vm_.heap.unpaid_units = 0;
}

Value object_value(heap::Object* object) {
  switch (object->kind) {
    case heap::Kind::String:
      return Value::from_object(object, Tag::String);
    case heap::Kind::Table:
      return Value::from_object(object, Tag::Table);
    case heap::Kind::Closure:
      return Value::from_object(object, Tag::Closure);
    case heap::Kind::Userdata:
      return Value::from_object(object, Tag::Userdata);
    case heap::Kind::Thread:
      return Value::from_object(object, Tag::Thread);
    case heap::Kind::Buffer:
      return Value::from_object(object, Tag::Buffer);
    case heap::Kind::Cell:
    case heap::Kind::Proto:
    case heap::Kind::Shape:
      return Value::nil();  // none that a value can be
  }
  ML_UNREACHABLE();
}

}  // namespace moonlet::vm
