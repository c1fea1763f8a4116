// Code: chunks are put together, verified and loaded when all strings are there.
#include "bytecode/analysis.hpp"
#include "image/state_format.hpp"
#include "image/thawer.hpp"
#include "vm/loader.hpp"

namespace moonlet::image {

using base::CborHead;
using base::CborMajor;
using heap::Closure;
using heap::Kind;
using heap::Object;
using heap::Proto;
using heap::String;

void Thawer::make_functions() {
  for (const Place& place : chunks_) {
    in_ = reader_at(place.offset);
    begin_object(place.number);
    Object* root = make_chunk();
    if (in_.ok() && root == nullptr) no_memory();
    if (!in_.ok()) return;
    objects_[place.number - first_number_] = root;
  }
  for (const Place& place : functions_) {
    in_ = reader_at(place.offset);
    auto* root = static_cast<Proto*>(object(Kind::Proto));
    const std::uint64_t index = in_.unsigned_integer();
    if (!in_.ok()) return;
    if (root->root != root || index >= root->function_count) {
      return fail("a function that its chunk does not have");
    }
    objects_[place.number - first_number_] = root->functions[index];
  }
  // Frames need to know the code of their functions.
  for (const Place& place : closures_) {
    in_ = reader_at(place.offset);
    auto* proto = static_cast<Proto*>(object(Kind::Proto));
    if (!in_.ok()) return;
    auto* closure = static_cast<Closure*>(numbered_object(place.number));
    if (closure->proto != nullptr && closure->proto != proto) {
      return fail("a function that has changed its code");
    }
    if (proto->upvalue_count != closure->flags) {
      return fail("a function with a wrong number of upvalues");
    }
    closure->proto = proto;
  }
}

Object* Thawer::make_chunk() {
  bytecode::Chunk chunk;
  std::vector<String*> strings;
  const std::uint64_t count = in_.array();
  for (std::uint64_t f = 0; f < count && in_.ok(); ++f) {
    chunk.functions.emplace_back();
    read_function(chunk.functions.back(), chunk, strings);
  }
  if (!in_.ok()) return nullptr;
  if (const auto verified = bytecode::verify(chunk); !verified) {
    fail(verified.error());
    return nullptr;
  }
  return vm::load_chunk(vm_, std::move(chunk), vm::ProtoOrigin::Script, &strings);
}

std::uint32_t Thawer::string_of(bytecode::Chunk& chunk, std::vector<String*>& strings) {
  const CborHead head = in_.peek();
  if (head.major == CborMajor::Simple && head.argument == base::kCborNull) {
    in_.skip();
    return bytecode::kNoString;
  }
  auto* s = static_cast<String*>(object(Kind::String));
  if (!in_.ok()) return 0;
  chunk.strings.emplace_back(s->view());
  strings.push_back(s);
  return static_cast<std::uint32_t>(strings.size() - 1);
}

void Thawer::read_function(bytecode::Function& f, bytecode::Chunk& chunk,
                           std::vector<String*>& strings) {
  if (in_.array() != 14) return fail("a function with a wrong number of fields");
  f.name = string_of(chunk, strings);
  f.source = string_of(chunk, strings);
  f.line_defined = static_cast<std::uint32_t>(in_.unsigned_integer(INT32_MAX, "line out of range"));
  f.last_line_defined =
      static_cast<std::uint32_t>(in_.unsigned_integer(INT32_MAX, "line out of range"));
  f.parameter_count =
      static_cast<std::uint8_t>(in_.unsigned_integer(255, "parameters out of range"));
  f.is_vararg = in_.boolean();
  f.max_stack = static_cast<std::uint8_t>(in_.unsigned_integer(255, "stack size out of range"));
  f.code = words();
  const std::string_view heights = in_.bytes();
  f.heights.assign(heights.begin(), heights.end());
  const std::uint64_t constants = in_.array();
  for (std::uint64_t n = 0; n < constants && in_.ok(); ++n) {
    f.constants.push_back(read_constant(chunk, strings));
  }
  const std::uint64_t children = in_.array();
  for (std::uint64_t n = 0; n < children && in_.ok(); ++n) {
    f.children.push_back(
        static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "function out of range")));
  }
  const std::uint64_t upvalues = in_.array();
  if (upvalues % 3 != 0) return fail("an incomplete list of upvalues");
  for (std::uint64_t n = 0; n < upvalues && in_.ok(); n += 3) {
    bytecode::Upvalue u;
    u.name = string_of(chunk, strings);
    u.from_parent_register = in_.boolean();
    u.index = static_cast<std::uint8_t>(in_.unsigned_integer(255, "upvalue out of range"));
    f.upvalues.push_back(u);
  }
  if (in_.peek().major == CborMajor::Simple) {
    in_.skip();
  } else {
    for (const std::uint32_t word : words()) f.lines.push_back(static_cast<std::int32_t>(word));
  }
  const std::uint64_t locals = in_.array();
  if (locals % 3 != 0) return fail("an incomplete list of locals");
  for (std::uint64_t n = 0; n < locals && in_.ok(); n += 3) {
    bytecode::LocalVariable l;
    l.name = string_of(chunk, strings);
    l.start_pc = static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "out of range"));
    l.end_pc = static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "out of range"));
    f.locals.push_back(l);
  }
}

std::vector<std::uint32_t> Thawer::words() {
  const std::string_view bytes = in_.bytes();
  std::vector<std::uint32_t> out(bytes.size() / 4);
  if (bytes.size() % 4 != 0) fail("incomplete words");
  for (std::size_t n = 0; n < out.size(); ++n) {
    for (std::size_t b = 0; b < 4; ++b) {
      out[n] |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[n * 4 + b])) << (8 * b);
    }
  }
  return out;
}

bytecode::Constant Thawer::read_constant(bytecode::Chunk& chunk, std::vector<String*>& strings) {
  bytecode::Constant c;
  using CK = bytecode::Constant::Kind;
  const CborHead head = in_.peek();
  switch (head.major) {
    case CborMajor::Unsigned:
    case CborMajor::Negative:
      c.kind = CK::Integer;
      c.integer = in_.integer();
      return c;
    case CborMajor::Tag:
      c.kind = CK::String;
      c.string = string_of(chunk, strings);
      return c;
    default:
      break;
  }
  if (head.is_double) {
    c.kind = CK::Float;
    c.number = in_.number();
    return c;
  }
  in_.skip();
  if (head.major == CborMajor::Simple && head.argument == base::kCborNull) return c;
  if (head.major == CborMajor::Simple && head.argument == base::kCborFalse) {
    c.kind = CK::False;
  } else if (head.major == CborMajor::Simple && head.argument == base::kCborTrue) {
    c.kind = CK::True;
  } else {
    fail("not a constant");
  }
  return c;
}

}  // namespace moonlet::image
