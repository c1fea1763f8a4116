#include "stdlib/io_numeral.hpp"

#include "base/number_parse.hpp"

namespace moonlet::stdlib {

using vm::Value;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

bool NumeralReader::read() {
  accept('-', '+');
  bool is_hexadecimal = false;
  int digits = 0;
  if (accept('0', '0')) {
    is_hexadecimal = accept('x', 'X');
    if (!is_hexadecimal) digits = 1;
  }
  digits += accept_digits(is_hexadecimal);
  if (accept('.', '.')) digits += accept_digits(is_hexadecimal);
  if (digits > 0 && (is_hexadecimal ? accept('p', 'P') : accept('e', 'E'))) {
    accept('-', '+');
    accept_digits(false);
  }
  return !has_failed_;
}

Value NumeralReader::number() const {
  if (is_too_long_) return Value::nil();
  const base::ParsedNumber parsed = base::parse_number({text_, size_});
  switch (parsed.kind) {
    case base::NumberKind::None:
      break;
    case base::NumberKind::Integer:
      return Value::from(parsed.integer);
    case base::NumberKind::Float:
      return Value::from(parsed.number);
  }
  return Value::nil();
}

bool NumeralReader::has_next() {
  if (!stream_.peek().empty()) return true;
  const Stream::Fill filled = stream_.fill();
  if (filled == Stream::Fill::Error) has_failed_ = true;
  return filled == Stream::Fill::More;
}

bool NumeralReader::take() {
  if (size_ == kLongest) {
    is_too_long_ = true;
    return false;
  }
  text_[size_++] = stream_.peek()[0];
  stream_.take(1);
  return true;
}

bool NumeralReader::accept(char a, char b) {
  if (is_too_long_ || !has_next()) return false;
  const char c = stream_.peek()[0];
  return (c == a || c == b) && take();
}

int NumeralReader::accept_digits(bool is_hexadecimal) {
  int count = 0;
  while (!is_too_long_ && has_next()) {
    const char c = stream_.peek()[0];
    if (!(is_hexadecimal ? is_hex_digit(c) : is_digit(c)) || !take()) break;
    ++count;
  }
  return count;
}

}  // namespace moonlet::stdlib
