#include "runtime/value_codec.hpp"

#include <bit>
#include <utility>

namespace moonlet::runtime {

namespace {

// Heads of CBOR (RFC 8949) are written here again: those of src/state are no part of the public
// API, which is all that the runtime stands on.

constexpr unsigned kUnsigned = 0;
constexpr unsigned kNegative = 1;
constexpr unsigned kBytes = 2;
constexpr unsigned kText = 3;
constexpr unsigned kArray = 4;
constexpr unsigned kTag = 6;
constexpr unsigned kSimple = 7;

// Objects and Maps are arrays of keys and values under a tag: CBOR's maps have no order.
constexpr std::uint64_t kObjectTag = 40'400;
constexpr std::uint64_t kMapTag = 40'401;

}  // namespace

void ValueWriter::head(unsigned major, std::uint64_t argument) {
  const auto put = [&](std::uint64_t byte) { out_ += static_cast<char>(byte); };
  const unsigned high = major << 5;
  if (argument < 24) return put(high | argument);
  const int size = argument <= 0xff ? 0 : argument <= 0xffff ? 1 : argument <= 0xffffffff ? 2 : 3;
  put(high | (24 + static_cast<unsigned>(size)));
  for (int shift = (8 << size) - 8; shift >= 0; shift -= 8) put(argument >> shift & 0xff);
}

void ValueWriter::number(std::int64_t number) {
  if (number >= 0) return head(kUnsigned, static_cast<std::uint64_t>(number));
  head(kNegative, ~static_cast<std::uint64_t>(number));
}

void ValueWriter::bytes(std::string_view bytes) {
  head(kBytes, bytes.size());
  out_ += bytes;
}

void ValueWriter::text(std::string_view text) {
  head(kText, text.size());
  out_ += text;
}

bool ValueWriter::value(const Value& value, int depth) {
  if (depth > kValueDepthMax) return false;
  if (value.is_nil()) {
    head(kSimple, 22);
  } else if (const bool* b = value.boolean()) {
    head(kSimple, *b ? 21 : 20);
  } else if (const std::int64_t* n = value.integer()) {
    number(*n);
  } else if (const double* d = value.number()) {
    out_ += static_cast<char>(kSimple << 5 | 27);
    const auto bits = std::bit_cast<std::uint64_t>(*d);
    for (int shift = 56; shift >= 0; shift -= 8) out_ += static_cast<char>(bits >> shift);
  } else if (const std::string* s = value.string()) {
    bytes(*s);
  } else if (const Value::Array* list = value.array()) {
    array(list->size());
    for (const Value& each : *list) {
      if (!this->value(each, depth + 1)) return false;
    }
  } else if (const Value::Object* record = value.object()) {
    head(kTag, kObjectTag);
    array(record->size() * 2);
    for (const Member& member : *record) {
      bytes(member.name);
      if (!this->value(member.value, depth + 1)) return false;
    }
  } else if (const Value::Map* map = value.map()) {
    head(kTag, kMapTag);
    array(map->size() * 2);
    for (const Entry& entry : *map) {
      if (!this->value(entry.key, depth + 1) || !this->value(entry.value, depth + 1)) return false;
    }
  } else {
    return false;
  }
  return true;
}

ValueReader::Head ValueReader::head() {
  const std::string_view first = take(1);
  if (!ok_) return {kSimple, 22, 22};
  const unsigned byte = static_cast<unsigned char>(first[0]);
  Head head{byte >> 5u, byte & 31u, std::uint64_t{byte & 31u}};
  if (head.extra < 24) return head;
  if (head.extra > 27) {
    fail();
    return {kSimple, 22, 22};
  }
  head.argument = 0;
  for (const char c : take(std::uint64_t{1} << (head.extra - 24))) {
    head.argument = head.argument << 8 | static_cast<unsigned char>(c);
  }
  return head;
}

std::string_view ValueReader::take(std::uint64_t count) {
  if (!ok_ || count > in_.size() - offset_) {
    fail();
    return {};
  }
  const std::string_view taken = in_.substr(offset_, count);
  offset_ += count;
  return taken;
}

std::uint64_t ValueReader::count_of(const Head& head, unsigned items) {
  if (head.major != kArray || head.argument % items != 0 || head.argument > in_.size() - offset_) {
    fail();
    return 0;
  }
  return head.argument / items;
}

std::uint64_t ValueReader::array() { return count_of(head(), 1); }

std::int64_t ValueReader::number() {
  const Head head = this->head();
  if (head.major > kNegative || head.argument > INT64_MAX) {
    fail();
    return 0;
  }
  return static_cast<std::int64_t>(head.major == kUnsigned ? head.argument : ~head.argument);
}

std::string_view ValueReader::bytes() {
  const Head head = this->head();
  if (head.major != kBytes) fail();
  return take(head.argument);
}

std::string_view ValueReader::text() {
  const Head head = this->head();
  if (head.major != kText) fail();
  return take(head.argument);
}

Value ValueReader::value(int depth) {
  if (depth > kValueDepthMax) fail();
  if (!ok_) return {};
  const std::size_t start = offset_;
  const Head head = this->head();
  switch (head.major) {
    case kUnsigned:
    case kNegative:
      offset_ = start;
      return number();
    case kBytes:
      return take(head.argument);
    case kArray: {
      Value::Array list;
      offset_ = start;
      for (std::uint64_t n = array(); n > 0 && ok_; --n) list.push_back(value(depth + 1));
      return list;
    }
    case kTag: {
      const std::uint64_t count = count_of(this->head(), 2);
      if (head.argument == kObjectTag) {
        Value::Object record;
        for (std::uint64_t n = count; n > 0 && ok_; --n) {
          std::string name(bytes());
          record.push_back({std::move(name), value(depth + 1)});
        }
        return record;
      }
      if (head.argument != kMapTag) fail();
      Value::Map map;
      for (std::uint64_t n = count; n > 0 && ok_; --n) {
        Value key = value(depth + 1);
        if (key.boolean() == nullptr && key.integer() == nullptr && key.string() == nullptr &&
            (key.number() == nullptr || *key.number() != *key.number())) {
          fail();
        }
        map.push_back({std::move(key), value(depth + 1)});
      }
      return map;
    }
    case kSimple:
      if (head.extra == 27) return std::bit_cast<double>(head.argument);
      if (head.extra == 20 || head.extra == 21) return head.extra == 21;
      if (head.extra != 22) fail();
      return {};
    default:
      fail();
      return {};
  }
}

}  // namespace moonlet::runtime
