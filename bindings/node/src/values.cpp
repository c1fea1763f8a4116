#include "values.hpp"

#include <cmath>
#include <cstdint>

#include "environment.hpp"
#include "utf8.hpp"

namespace moonlet::node {

namespace {

// As much as a script may hand over.
constexpr std::uint64_t kBytesMax = std::uint64_t{256} << 20;
constexpr double kExactMax = 9007199254740991.0;  // 2^53 - 1

class FromJs {
 public:
  FromJs(Napi::Env env, std::string name) : env_(env), place_(std::move(name)) {}

  Value convert(Napi::Value value) {
    take(sizeof(Value));
    switch (value.Type()) {
      case napi_undefined:
      case napi_null:
        return {};
      case napi_boolean:
        return Value(value.As<Napi::Boolean>().Value());
      case napi_number:
        return number(value.As<Napi::Number>().DoubleValue());
      case napi_bigint:
        return big_integer(value.As<Napi::BigInt>());
      case napi_string:
        return text(value);
      case napi_object:
        return object(value.As<Napi::Object>());
      case napi_function:
        fail("is a function, which a script cannot have");
      case napi_symbol:
        fail("is a symbol, which a script cannot have");
      default:
        fail("is nothing that a script can have");
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) {
    throw Napi::TypeError::New(env_, place_ + " " + what);
  }
  [[noreturn]] void fail_by_range(const std::string& what) {
    throw Napi::RangeError::New(env_, place_ + " " + what);
  }

  void take(std::uint64_t bytes) {
    if (bytes > left_) fail_by_range("is too large: a script is given 256 MiB at most");
    left_ -= bytes;
  }

  static Value number(double n) {
    const bool is_whole = std::trunc(n) == n && std::fabs(n) <= kExactMax;
    if (is_whole && !(n == 0 && std::signbit(n))) return Value(static_cast<std::int64_t>(n));
    return Value(n);
  }

  Value big_integer(Napi::BigInt n) {
    bool is_exact = false;
    const std::int64_t integer = n.Int64Value(&is_exact);
    if (!is_exact) fail_by_range("is a BigInt of more than 64 bits");
    return Value(integer);
  }

  Value text(Napi::Value value) {
    std::string bytes = value.As<Napi::String>().Utf8Value();
    take(bytes.size());
    return Value(std::move(bytes));
  }

  Value bytes(const void* data, std::size_t size) {
    take(size);
    return Value(std::string_view(static_cast<const char*>(data), size));
  }

  Value object(Napi::Object value) {
    if (value.IsTypedArray()) {
      const auto array = value.As<Napi::TypedArray>();
      const auto type = array.TypedArrayType();
      if (type != napi_uint8_array && type != napi_uint8_clamped_array) {
        fail("is an array of numbers in memory: give its bytes as a Buffer, or an Array of it");
      }
      const auto elements = value.As<Napi::Uint8Array>();
      return bytes(elements.Data(), elements.ByteLength());
    }
    if (value.IsArrayBuffer()) {
      auto buffer = value.As<Napi::ArrayBuffer>();
      return bytes(buffer.Data(), buffer.ByteLength());
    }
    if (value.IsDataView()) {
      auto view = value.As<Napi::DataView>();
      return bytes(view.Data(), view.ByteLength());
    }
    if (value.IsPromise()) fail("is a Promise: await it first");
    if (value.IsDate()) fail("is a Date: give its time, or its text");
    if (++depth_ > kValueDepthMax) fail("is nested too deeply, or contains itself");
    Value out = container(value);
    --depth_;
    return out;
  }

  Value container(Napi::Object value) {
    Environment& environment = Environment::of(env_);
    if (value.IsArray()) return list(value.As<Napi::Array>());
    if (value.InstanceOf(environment.map_class())) return map(environment.entries(value));
    if (value.InstanceOf(environment.set_class())) fail("is a Set: give an Array of it");
    return record(value);
  }

  Value list(Napi::Array array) {
    const std::uint32_t size = array.Length();
    take(std::uint64_t{size} * sizeof(Value));
    Value::Array out;
    const std::size_t length = place_.size();
    for (std::uint32_t n = 0; n < size; ++n) {
      const Napi::HandleScope scope(env_);
      place_ += "[" + std::to_string(n) + "]";
      out.push_back(convert(array.Get(n)));
      place_.resize(length);
    }
    return Value(std::move(out));
  }

  Value record(Napi::Object object) {
    const Napi::Array names = object.GetPropertyNames();
    const std::uint32_t size = names.Length();
    Value::Object out;
    const std::size_t length = place_.size();
    for (std::uint32_t n = 0; n < size; ++n) {
      const Napi::HandleScope scope(env_);
      const Napi::Value key = names.Get(n);
      // Those of the prototype are listed, too.
      if (!object.HasOwnProperty(key)) continue;
      std::string name = key.ToString().Utf8Value();
      take(sizeof(Member) + name.size());
      place_ += "." + name;
      Value member = convert(object.Get(key));
      place_.resize(length);
      if (!member.is_nil()) out.push_back({std::move(name), std::move(member)});
    }
    return Value(std::move(out));
  }

  // `pairs`: arrays of a key and a value.
  Value map(Napi::Array pairs) {
    const std::uint32_t size = pairs.Length();
    Value::Map out;
    const std::size_t length = place_.size();
    for (std::uint32_t n = 0; n < size; ++n) {
      const Napi::HandleScope scope(env_);
      const Napi::Object pair = pairs.Get(n).As<Napi::Object>();
      const Napi::Value key = pair.Get(0U);
      place_ += "'s key";
      Entry entry{convert(key), {}};
      check_key(entry.key);
      place_.resize(length);
      place_ += "[" + (key.IsBuffer() ? "bytes" : key.ToString().Utf8Value()) + "]";
      entry.value = convert(pair.Get(1U));
      place_.resize(length);
      if (!entry.value.is_nil()) out.push_back(std::move(entry));
    }
    return Value(std::move(out));
  }

  void check_key(const Value& key) {
    if (const double* n = key.number(); n != nullptr && std::isnan(*n)) fail("is NaN");
    const bool is_scalar = key.boolean() != nullptr || key.integer() != nullptr ||
                           key.number() != nullptr || key.string() != nullptr;
    if (!is_scalar) fail("is no boolean, number or text");
  }

  Napi::Env env_;
  std::string place_;
  int depth_ = 0;
  std::uint64_t left_ = kBytesMax;
};

Napi::Value string_to_js(Napi::Env env, const std::string& text) {
  if (is_utf8(text)) return Napi::String::New(env, text);
  return Napi::Buffer<char>::Copy(env, text.data(), text.size());
}

Napi::Value integer_to_js(Napi::Env env, std::int64_t n) {
  constexpr std::int64_t kExact = static_cast<std::int64_t>(kExactMax);
  if (n >= -kExact && n <= kExact) return Napi::Number::New(env, static_cast<double>(n));
  return Napi::BigInt::New(env, n);
}

// `__proto__` set in the ordinary way would not become a member.
void define(Napi::Env env, Napi::Object object, const std::string& name, Napi::Value value) {
  if (name != "__proto__") {
    object.Set(Napi::String::New(env, name), value);
    return;
  }
  object.DefineProperty(Napi::PropertyDescriptor::Value(
      name, value,
      static_cast<napi_property_attributes>(napi_writable | napi_enumerable | napi_configurable)));
}

Napi::Value list_to_js(Napi::Env env, const Value::Array& list) {
  Napi::Array out = Napi::Array::New(env, list.size());
  for (std::size_t n = 0; n < list.size(); ++n) {
    const Napi::HandleScope scope(env);
    out.Set(static_cast<std::uint32_t>(n), to_js(env, list[n]));
  }
  return out;
}

template <typename Entries, typename KeyOf>
Napi::Value map_to_js(Napi::Env env, const Entries& entries, KeyOf key_of) {
  Napi::Array pairs = Napi::Array::New(env, entries.size());
  for (std::size_t n = 0; n < entries.size(); ++n) {
    const Napi::HandleScope scope(env);
    Napi::Array pair = Napi::Array::New(env, 2);
    pair.Set(0U, key_of(entries[n]));
    pair.Set(1U, to_js(env, entries[n].value));
    pairs.Set(static_cast<std::uint32_t>(n), pair);
  }
  return Environment::of(env).map_class().New({pairs});
}

// Names that are not UTF-8 are keys of a Map, as Buffers: an object would mix them up.
Napi::Value record_to_js(Napi::Env env, const Value::Object& record) {
  for (const Member& member : record) {
    if (is_utf8(member.name)) continue;
    return map_to_js(env, record, [&](const Member& m) { return string_to_js(env, m.name); });
  }
  Napi::Object out = Napi::Object::New(env);
  for (const Member& member : record) {
    const Napi::HandleScope scope(env);
    define(env, out, member.name, to_js(env, member.value));
  }
  return out;
}

}  // namespace

Value to_value(Napi::Value value, std::string name) {
  return FromJs(value.Env(), std::move(name)).convert(value);
}

Napi::Value to_js(Napi::Env env, const Value& value) {
  if (const bool* flag = value.boolean()) return Napi::Boolean::New(env, *flag);
  if (const std::int64_t* n = value.integer()) return integer_to_js(env, *n);
  if (const double* n = value.number()) return Napi::Number::New(env, *n);
  if (const std::string* text = value.string()) return string_to_js(env, *text);
  if (const Value::Array* list = value.array()) return list_to_js(env, *list);
  if (const Value::Object* record = value.object()) return record_to_js(env, *record);
  if (const Value::Map* map = value.map()) {
    return map_to_js(env, *map, [&](const Entry& entry) { return to_js(env, entry.key); });
  }
  return env.Null();
}

}  // namespace moonlet::node
