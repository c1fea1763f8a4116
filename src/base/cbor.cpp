#include "base/cbor.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace moonlet::base {

bool has_nan(const std::uint64_t* numbers, std::size_t count) {
  std::uint64_t found = 0;
  for (std::size_t n = 0; n < count; ++n) {
    const double number = std::bit_cast<double>(numbers[n]);
    found |= number != number ? 1u : 0u;
  }
  return found != 0;
}

void CborWriter::grow(std::size_t bytes) {
  const auto used = static_cast<std::size_t>(at_ - begin_);
  std::size_t room = std::max<std::size_t>(256, 2 * static_cast<std::size_t>(end_ - begin_));
  while (room - used < bytes) room *= 2;
  auto* grown = static_cast<char*>(std::realloc(begin_, room));
  ML_CHECK(grown != nullptr);
  begin_ = grown;
  at_ = grown + used;
  end_ = grown + room;
}

// Of more than two bytes.
void CborWriter::long_head(unsigned top, std::uint64_t argument) {
  const bool is_wide = argument > 0xffffffff;
  *at_++ = static_cast<char>(top | (is_wide ? 27 : 26));
  put_big_endian(at_, is_wide ? argument : argument << 32);
  at_ += is_wide ? 8 : 4;
}

char* CborWriter::write_to(char* out) const {
  const char* from = begin_;
  for (const Borrowed& borrowed : borrowed_) {
    const char* to = begin_ + borrowed.at;
    out = std::copy(from, to, out);
    out = std::copy(borrowed.data.begin(), borrowed.data.end(), out);
    from = to;
  }
  return std::copy(from, static_cast<const char*>(at_), out);
}

std::size_t size_of(std::span<const CborWriter> parts) {
  std::size_t size = 0;
  for (const CborWriter& part : parts) size += part.size();
  return size;
}

char* write_to(char* out, std::span<const CborWriter> parts) {
  for (const CborWriter& part : parts) out = part.write_to(out);
  return out;
}

std::string join(std::span<const CborWriter> parts) {
  std::string out;
  out.resize_and_overwrite(size_of(parts), [&](char* to, std::size_t size) {
    write_to(to, parts);
    return size;
  });
  return out;
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
    if (is_other_nan(h.argument)) fail("a NaN that is not the only one");
    h.is_double = true;
    return h;
  }
  static constexpr std::uint64_t kLeast[] = {24, 0x100, 0x10000, 0x100000000};
  if (h.argument < kLeast[low - 24]) fail("a head longer than needed");
  return h;
}

std::uint64_t CborReader::long_unsigned_integer() {
  const CborHead h = head();
  if (ok() && h.major != CborMajor::Unsigned) fail("expected an unsigned integer");
  return ok() ? h.argument : 0;
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

std::uint64_t CborReader::long_array() {
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
