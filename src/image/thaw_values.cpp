// References and values.
#include "heap/vector.hpp"
#include "image/state_format.hpp"
#include "image/thawer.hpp"
#include "vm/call.hpp"

namespace moonlet::image {

using base::CborHead;
using base::CborMajor;
using heap::Kind;
using heap::Object;
using heap::Tag;
using heap::Value;

// Null: there is none, or not yet.
Object* Thawer::numbered_object(std::uint64_t number) const {
  if (number < first_number_) {
    return template_->object_in(vm_, static_cast<std::size_t>(number));
  }
  const std::uint64_t n = number - first_number_;
  return n < objects_.size() ? objects_[static_cast<std::size_t>(n)] : nullptr;
}

Object* Thawer::tagged_object(std::uint64_t tag) {
  if (tag == kTagBase) {
    const std::uint64_t n = in_.unsigned_integer();
    if (!in_.ok() || n >= base_.objects.size()) {
      fail("a library function that does not exist");
      return nullptr;
    }
    if (base_.reaches_world[static_cast<std::size_t>(n)] && !reach_world()) {
      fail("a library function that the image does not have");
      return nullptr;
    }
    return base_.objects[static_cast<std::size_t>(n)];
  }
  const std::uint64_t n = in_.unsigned_integer();
  Object* object = in_.ok() ? numbered_object(n) : nullptr;
  if (object == nullptr) fail("a reference to an object that does not exist");
  return object;
}

Object* Thawer::object_or_null(Kind kind) {
  const CborHead head = in_.head();
  if (!in_.ok()) return nullptr;
  if (head.major == CborMajor::Simple && !head.is_double && head.argument == base::kCborNull) {
    return nullptr;
  }
  if (head.major != CborMajor::Tag || (head.argument != kTagObject && head.argument != kTagBase)) {
    fail("expected a reference");
    return nullptr;
  }
  Object* o = tagged_object(head.argument);
  if (o != nullptr && o->kind != kind) {
    fail("a reference to an object of another kind");
    return nullptr;
  }
  return o;
}

Object* Thawer::object(Kind kind) {
  Object* o = object_or_null(kind);
  if (o == nullptr) fail("a missing reference");
  return o;
}

Value Thawer::value() {
  constexpr std::uint8_t kObject = 0xc0 | kTagObject;
  if (ML_LIKELY(in_.first() == kObject)) {
    in_.pass(1);
    return object_value(kTagObject);
  }
  const CborHead head = in_.peek();
  switch (head.major) {
    case CborMajor::Unsigned:
    case CborMajor::Negative:
      return Value::from(in_.integer());
    case CborMajor::Tag:
      return tagged_value();
    case CborMajor::Simple:
      break;
    default:
      fail("not a value");
      return Value::nil();
  }
  if (head.is_double) return Value::from(in_.number());
  in_.skip();
  switch (head.argument) {
    case base::kCborNull:
      return Value::nil();
    case base::kCborFalse:
      return Value::boolean(false);
    case base::kCborTrue:
      return Value::boolean(true);
    default:
      fail("not a value");
      return Value::nil();
  }
}

Value Thawer::tagged_value() {
  const std::uint64_t tag = in_.head().argument;
  switch (tag) {
    case kTagBuiltin: {
      const std::uint64_t n = in_.unsigned_integer();
      if (!in_.ok() || n >= builtins_.size()) {
        fail("a function that is not in the list");
        return Value::nil();
      }
      return Value::from_builtin(builtins_[static_cast<std::size_t>(n)]);
    }
    case kTagLight:
      return Value::light(in_.unsigned_integer());
    case kTagDeadKey:
      return Value::make(in_.unsigned_integer(), Tag::DeadKey);
    case kTagVector:
      return vector();
    case kTagVectorKey: {
      Object* o = tagged_object(kTagObject);
      if (o == nullptr) return Value::nil();
      if (o->kind != Kind::String ||
          !heap::is_vector_key_text(static_cast<heap::String*>(o)->view())) {
        fail("a key that is no vector");
        return Value::nil();
      }
      return Value::from_object(o, Tag::VectorKey);
    }
    case kTagObject:
    case kTagBase:
      return object_value(tag);
    default:
      fail("an unknown tag");
      return Value::nil();
  }
}

Value Thawer::vector() {
  const std::string_view bytes = in_.bytes();
  Value v = Value::nil();
  if (!in_.ok()) return v;
  if (bytes.size() != heap::kVectorBytes || !heap::try_vector(heap::read_lane_bits(bytes), v)) {
    fail("not a vector");
  }
  return v;
}

Value Thawer::object_value(std::uint64_t tag) {
  Object* o = tagged_object(tag);
  if (o == nullptr) return Value::nil();
  const Value v = vm::object_value(o);
  if (v.is_nil()) fail("a reference to something that is no value");
  return v;
}

// A value as scripts may hold it.
Value Thawer::plain_value() {
  const Value v = value();
  if (v.is(Tag::DeadKey)) fail("a dead key outside of a table");
  if (v.is(Tag::VectorKey)) fail("a vector's key outside of a table");
  return v;
}

}  // namespace moonlet::image
