#include "moonlet/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>

namespace moonlet {

namespace {

// ---- Reading.

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  std::expected<Value, JsonError> read() {
    Value value;
    skip_space();
    if (read_value(value, 0)) {
      skip_space();
      if (at_ == text_.size()) return value;
      fail("there is something after the value");
    }
    return std::unexpected(JsonError{at_, error_});
  }

 private:
  bool fail(const char* what) {
    if (error_.empty()) error_ = what;
    return false;
  }
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }

  void skip_space() {
    while (!at_end() && std::strchr(" \t\r\n", text_[at_]) != nullptr && text_[at_] != '\0') ++at_;
  }

  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool word(std::string_view expected, Value value, Value& out) {
    if (text_.substr(at_, expected.size()) != expected) return fail("no JSON value");
    at_ += expected.size();
    out = std::move(value);
    return true;
  }

  bool read_value(Value& out, int depth) {
    if (depth > kValueDepthMax) return fail("nested too deeply");
    if (at_end()) return fail("a value is missing");
    switch (text_[at_]) {
      case '{':
        return read_object(out, depth);
      case '[':
        return read_array(out, depth);
      case '"': {
        std::string text;
        if (!read_string(text)) return false;
        out = Value(std::move(text));
        return true;
      }
      case 't':
        return word("true", Value(true), out);
      case 'f':
        return word("false", Value(false), out);
      case 'n':
        return word("null", Value(), out);
      default:
        return read_number(out);
    }
  }

  bool read_array(Value& out, int depth) {
    ++at_;
    Value::Array list;
    skip_space();
    if (!take(']')) {
      do {
        skip_space();
        list.emplace_back();
        if (!read_value(list.back(), depth + 1)) return false;
        skip_space();
      } while (take(','));
      if (!take(']')) return fail("expected ',' or ']'");
    }
    out = Value(std::move(list));
    return true;
  }

  bool read_object(Value& out, int depth) {
    ++at_;
    Value::Object record;
    skip_space();
    if (!take('}')) {
      do {
        skip_space();
        Member member;
        if (peek() != '"') return fail("expected a name in quotes");
        if (!read_string(member.name)) return false;
        skip_space();
        if (!take(':')) return fail("expected ':'");
        skip_space();
        if (!read_value(member.value, depth + 1)) return false;
        record.push_back(std::move(member));
        skip_space();
      } while (take(','));
      if (!take('}')) return fail("expected ',' or '}'");
    }
    drop_repeated(record);
    out = Value(std::move(record));
    return true;
  }

  // Of members with the same name the first place and the last value stay.
  static void drop_repeated(Value::Object& record) {
    std::vector<std::size_t> by_name(record.size());
    std::iota(by_name.begin(), by_name.end(), std::size_t{0});
    std::sort(by_name.begin(), by_name.end(), [&](std::size_t a, std::size_t b) {
      const int order = record[a].name.compare(record[b].name);
      return order != 0 ? order < 0 : a < b;
    });
    std::vector<bool> is_dropped(record.size());
    bool drops = false;
    for (std::size_t n = 0; n < by_name.size();) {
      const std::size_t first = by_name[n++];
      for (; n < by_name.size() && record[by_name[n]].name == record[first].name; ++n) {
        record[first].value = std::move(record[by_name[n]].value);
        is_dropped[by_name[n]] = drops = true;
      }
    }
    if (!drops) return;
    Value::Object kept;
    for (std::size_t n = 0; n < record.size(); ++n) {
      if (!is_dropped[n]) kept.push_back(std::move(record[n]));
    }
    record = std::move(kept);
  }

  std::size_t skip_digits() {
    const std::size_t from = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ - from;
  }

  bool read_number(Value& out) {
    const std::size_t from = at_;
    take('-');
    const bool starts_with_zero = peek() == '0';
    const std::size_t digits = skip_digits();
    if (digits == 0) {
      at_ = from;
      return fail("no JSON value");
    }
    if (starts_with_zero && digits > 1) return fail("a number may not begin with 0");
    bool is_integer = true;
    if (take('.')) {
      is_integer = false;
      if (skip_digits() == 0) return fail("digits are missing after '.'");
    }
    if (peek() == 'e' || peek() == 'E') {
      is_integer = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (skip_digits() == 0) return fail("digits are missing in the exponent");
    }
    return convert_number(text_.substr(from, at_ - from), is_integer, out);
  }

  bool convert_number(std::string_view digits, bool is_integer, Value& out) {
    const char* end = digits.data() + digits.size();
    std::int64_t integer = 0;
    if (is_integer && std::from_chars(digits.data(), end, integer).ec == std::errc()) {
      out = Value(integer);
      return true;
    }
    double number = 0;
    const auto [last, error] = std::from_chars(digits.data(), end, number);
    if (error == std::errc::result_out_of_range) return fail("a number that is too large or small");
    out = Value(number);
    return true;
  }

  bool read_string(std::string& out) {
    ++at_;
    for (;;) {
      if (at_end()) return fail("a string has no end");
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string");
      ++at_;
      if (c == '"') return true;
      if (c != '\\') {
        out += c;
      } else if (!read_escape(out)) {
        return false;
      }
    }
  }

  bool read_escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = peek();
    if (!at_end()) ++at_;
    if (letter == 'u') return read_unicode(out);
    const std::size_t which = kLetters.find(letter);
    if (letter == '\0' || which == std::string_view::npos) return fail("an unknown escape");
    out += kMeanings[which];
    return true;
  }

  bool hex4(unsigned& code) {
    if (text_.size() - at_ < 4) return fail("\\u needs four digits");
    const char* from = text_.data() + at_;
    const auto [end, error] = std::from_chars(from, from + 4, code, 16);
    if (error != std::errc() || end != from + 4) return fail("\\u needs four digits");
    at_ += 4;
    return true;
  }

  bool read_unicode(std::string& out) {
    unsigned code;
    if (!hex4(code)) return false;
    if (code >= 0xdc00 && code < 0xe000) return fail("half a surrogate pair");
    if (code >= 0xd800 && code < 0xdc00) {
      unsigned low;
      if (!take('\\') || !take('u') || !hex4(low) || low < 0xdc00 || low > 0xdfff) {
        return fail("half a surrogate pair");
      }
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(out, code);
    return true;
  }

  static void append_utf8(std::string& out, unsigned code) {
    if (code < 0x80) {
      out += static_cast<char>(code);
      return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static constexpr unsigned kFirst[] = {0, 0xc0, 0xe0, 0xf0};
    out += static_cast<char>(kFirst[more] | (code >> (6 * more)));
    for (int n = more - 1; n >= 0; --n) out += static_cast<char>(0x80 | ((code >> (6 * n)) & 0x3f));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

// Of texts of several lines also the line, which editors go to.
std::string place_of(std::string_view text, const JsonError& error) {
  const std::string_view before = text.substr(0, error.byte);
  const auto line = std::count(before.begin(), before.end(), '\n');
  const std::string byte = "byte " + std::to_string(error.byte);
  return line == 0 ? byte : byte + " (line " + std::to_string(line + 1) + ")";
}

// ---- Writing.

// Length of the UTF-8 sequence at the beginning, or 0: none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t n) { return static_cast<unsigned char>(text[n]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (std::size_t n = 1; n < size; ++n) {
    if ((byte(n) & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) >= 0xa0) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) >= 0x90) return 0;
  return size;
}

class JsonWriter {
 public:
  explicit JsonWriter(JsonLayout layout) : is_indented_(layout == JsonLayout::Indented) {}

  bool write(const Value& value) {
    if (const bool* flag = value.boolean()) return put(*flag ? "true" : "false");
    if (const std::int64_t* n = value.integer()) return put(std::to_string(*n));
    if (const double* n = value.number()) return write_number(*n);
    if (const std::string* text = value.string()) return write_string(*text);
    if (const Value::Array* list = value.array()) return write_array(*list);
    if (const Value::Object* record = value.object()) return write_object(*record);
    if (const Value::Map* map = value.map()) return refuse(*map);
    if (const HostObject* object = value.host_object()) return refuse(*object);
    return put("null");
  }
  std::string& output() { return out_; }
  std::string error() const { return (place_.empty() ? "the value" : place_) + " " + error_; }

 private:
  bool put(std::string_view text) {
    out_ += text;
    return true;
  }
  bool fail(std::string_view what) {
    error_ = what;
    return false;
  }
  bool refuse(const HostObject& object) {
    const std::string& name = object.type_name();
    return fail("is an object of the host's" + (name.empty() ? name : ", a " + name) +
                ", which JSON cannot hold");
  }
  // Says what kept it from being a list or an object.
  bool refuse(const Value::Map& map) {
    bool has_names = false;
    bool has_positions = false;
    for (const Entry& entry : map) {
      const bool is_position = entry.key.integer() != nullptr && *entry.key.integer() > 0;
      if (!is_position && entry.key.string() == nullptr) {
        return fail("has a key that is neither a name nor a position");
      }
      (is_position ? has_positions : has_names) = true;
    }
    if (has_names && has_positions) return fail("has both names and positions as keys");
    return fail(has_positions ? "is a list with large gaps" : "is a map, which JSON cannot hold");
  }
  void new_line() {
    if (is_indented_) out_ += "\n" + std::string(depth_ * 2, ' ');
  }

  bool write_number(double n) {
    if (!std::isfinite(n)) return fail("is no number that JSON has");
    char buffer[32];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, n);
    const std::string_view digits(buffer, static_cast<std::size_t>(end - buffer));
    put(digits);
    if (digits.find_first_of(".e") == std::string_view::npos) put(".0");
    return true;
  }

  bool write_string(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
      const std::size_t size = utf8_length(text);
      if (size == 0) return fail("holds bytes that are not UTF-8");
      if (size == 1) {
        write_character(text[0]);
      } else {
        out_ += text.substr(0, size);
      }
      text.remove_prefix(size);
    }
    out_ += '"';
    return true;
  }

  void write_character(char c) {
    static constexpr std::string_view kSpecial = "\"\\\b\f\n\r\t";
    static constexpr std::string_view kLetters = "\"\\bfnrt";
    if (const std::size_t which = kSpecial.find(c); which != std::string_view::npos) {
      out_ += '\\';
      out_ += kLetters[which];
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      static constexpr char kHex[] = "0123456789abcdef";
      out_ += "\\u00";
      out_ += kHex[(c >> 4) & 15];
      out_ += kHex[c & 15];
    } else {
      out_ += c;
    }
  }

  bool write_array(const Value::Array& list) {
    if (list.empty()) return put("[]");
    if (++depth_ > static_cast<std::size_t>(kValueDepthMax)) return fail("is nested too deeply");
    const std::size_t length = place_.size();
    for (std::size_t n = 0; n < list.size(); ++n) {
      out_ += n == 0 ? '[' : ',';
      new_line();
      place_ += "[" + std::to_string(n) + "]";
      if (!write(list[n])) return false;
      place_.resize(length);
    }
    --depth_;
    new_line();
    return put("]");
  }

  bool write_object(const Value::Object& record) {
    if (record.empty()) return put("{}");
    if (++depth_ > static_cast<std::size_t>(kValueDepthMax)) return fail("is nested too deeply");
    const std::size_t length = place_.size();
    bool is_first = true;
    for (const Member& member : record) {
      out_ += is_first ? '{' : ',';
      is_first = false;
      new_line();
      place_ += "." + member.name;
      if (!write_string(member.name)) return false;
      out_ += is_indented_ ? ": " : ":";
      if (!write(member.value)) return false;
      place_.resize(length);
    }
    --depth_;
    new_line();
    return put("}");
  }

  bool is_indented_;
  std::size_t depth_ = 0;
  std::string out_;
  std::string place_;
  std::string error_;
};

}  // namespace

std::expected<Value, JsonError> parse_json(std::string_view text) {
  return JsonReader(text).read();
}

std::expected<Value, std::string> from_json(std::string_view text) {
  auto value = parse_json(text);
  if (!value) return std::unexpected(place_of(text, value.error()) + ": " + value.error().what);
  return std::move(*value);
}

std::expected<std::string, std::string> to_json(const Value& value, JsonLayout layout) {
  JsonWriter writer(layout);
  if (!writer.write(value)) return std::unexpected(writer.error());
  return std::move(writer.output());
}

}  // namespace moonlet
