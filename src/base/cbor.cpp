#include "base/cbor.hpp"

namespace moonlet::base {

void CborWriter::long_head(CborMajor major, std::uint64_t argument) {
  const auto top = static_cast<std::uint8_t>(static_cast<std::uint8_t>(major) << 5);
  int size = 0;
  std::uint8_t low;
  if (argument <= 0xff) {
    low = 24;
    size = 1;
  } else if (argument <= 0xffff) {
    low = 25;
    size = 2;
  } else if (argument <= 0xffffffff) {
    low = 26;
    size = 4;
  } else {
    low = 27;
    size = 8;
  }
  char buffer[9];
  buffer[0] = static_cast<char>(top | low);
  for (int n = 0; n < size; ++n) {
    buffer[1 + n] = static_cast<char>(argument >> (8 * (size - 1 - n)));
  }
  out_.append(buffer, static_cast<std::size_t>(1 + size));
}

void CborWriter::number(double n) {
  std::uint64_t bits;
  std::memcpy(&bits, &n, sizeof bits);
  if (n != n) bits = 0x7ff8000000000000u;
  char buffer[9];
  buffer[0] = static_cast<char>(0xfb);
  for (int b = 0; b < 8; ++b) buffer[1 + b] = static_cast<char>(bits >> (8 * (7 - b)));
  out_.append(buffer, 9);
}

std::string_view CborReader::take(std::uint64_t size) {
  if (size > data_.size() - at_) {
    fail("truncated");
    return {};
  }
  const std::string_view part = data_.substr(at_, static_cast<std::size_t>(size));
  at_ += static_cast<std::size_t>(size);
  return part;
}

CborHead CborReader::long_head() {
  CborHead h{CborMajor::Simple};
  if (!ok()) return h;
  const std::string_view first = take(1);
  if (first.empty()) return h;
  const auto byte = static_cast<std::uint8_t>(first[0]);
  h.major = static_cast<CborMajor>(byte >> 5);
  const int low = byte & 31;
  if (low < 24) {
    h.argument = static_cast<std::uint64_t>(low);
    return h;
  }
  if (low > 27) {
    fail("indefinite length or reserved head");
    return h;
  }
  const int size = 1 << (low - 24);
  const std::string_view rest = take(static_cast<std::uint64_t>(size));
  if (!ok()) return h;
  for (const char c : rest) h.argument = h.argument << 8 | static_cast<std::uint8_t>(c);
  if (h.major == CborMajor::Simple) {
    if (low != 27) fail("a float that is not 8 bytes long");
    h.is_double = true;
    return h;
  }
  static constexpr std::uint64_t kLeast[] = {24, 0x100, 0x10000, 0x100000000};
  if (h.argument < kLeast[low - 24]) fail("a head longer than needed");
  return h;
}

std::uint64_t CborReader::unsigned_integer() {
  const CborHead h = head();
  if (ok() && h.major != CborMajor::Unsigned) fail("expected an unsigned integer");
  return ok() ? h.argument : 0;
}

std::uint64_t CborReader::unsigned_integer(std::uint64_t max, const char* what) {
  const std::uint64_t n = unsigned_integer();
  if (ok() && n > max) fail(what);
  return ok() ? n : 0;
}

std::int64_t CborReader::integer() {
  const CborHead h = head();
  if (!ok()) return 0;
  if ((h.major != CborMajor::Unsigned && h.major != CborMajor::Negative) ||
      h.argument > static_cast<std::uint64_t>(INT64_MAX)) {
    fail("expected an integer of 64 bits");
    return 0;
  }
  return h.major == CborMajor::Unsigned ? static_cast<std::int64_t>(h.argument)
                                        : static_cast<std::int64_t>(~h.argument);
}

double CborReader::number() {
  const CborHead h = head();
  if (ok() && !h.is_double) fail("expected a float");
  double n = 0;
  std::memcpy(&n, &h.argument, sizeof n);
  return n;
}

bool CborReader::boolean() {
  const CborHead h = head();
  if (ok() && (h.major != CborMajor::Simple || h.is_double ||
               (h.argument != kCborFalse && h.argument != kCborTrue))) {
    fail("expected a boolean");
  }
  return h.argument == kCborTrue;
}

std::string_view CborReader::bytes() {
  const CborHead h = head();
  if (ok() && h.major != CborMajor::Bytes) fail("expected a byte string");
  return ok() ? take(h.argument) : std::string_view{};
}

std::string_view CborReader::text() {
  const CborHead h = head();
  if (ok() && h.major != CborMajor::Text) fail("expected a text string");
  return ok() ? take(h.argument) : std::string_view{};
}

std::uint64_t CborReader::array() {
  const CborHead h = head();
  if (ok() && h.major != CborMajor::Array) fail("expected an array");
  if (ok() && h.argument > left()) fail("an array longer than the input");
  return ok() ? h.argument : 0;
}

void CborReader::skip() {
  std::uint64_t pending = 1;
  while (pending > 0 && ok()) {
    --pending;
    const CborHead h = head();
    if (!ok()) return;
    switch (h.major) {
      case CborMajor::Bytes:
      case CborMajor::Text:
        take(h.argument);
        break;
      case CborMajor::Array:
        if (h.argument > left()) fail("an array longer than the input");
        pending += h.argument;
        break;
      case CborMajor::Map:
        if (h.argument > left() / 2) fail("a map longer than the input");
        pending += 2 * h.argument;
        break;
      case CborMajor::Tag:
        ++pending;
        break;
      default:
        break;
    }
  }
}

}  // namespace moonlet::base
