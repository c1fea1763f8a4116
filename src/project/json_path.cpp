#include "project/json_path.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

namespace moonlet::project {

namespace {

bool is_word(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '$';
  });
}

void append_step(std::string& text, const Step& step) {
  if (const std::size_t* index = std::get_if<std::size_t>(&step)) {
    text += "[" + std::to_string(*index) + "]";
    return;
  }
  const std::string& name = std::get<std::string>(step);
  if (!is_word(name)) {
    text += "[" + to_json(Value(name)).value_or("\"?\"") + "]";
    return;
  }
  if (!text.empty()) text += ".";
  text += name;
}

// Walks over the text of JSON that is known to be right.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view text) : text_(text) {}

  // The byte at which what the path leads to begins.
  std::size_t find(const Path& path, PlaceOf which) {
    skip_space();
    std::size_t name_at = at_;
    for (const Step& step : path) {
      const std::size_t from = at_;
      const bool found = std::holds_alternative<std::string>(step)
                             ? enter_member(std::get<std::string>(step), name_at)
                             : enter_element(std::get<std::size_t>(step), name_at);
      if (!found) return from;
    }
    return which == PlaceOf::Name ? name_at : at_;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && std::strchr(" \t\r\n", text_[at_]) != nullptr) ++at_;
  }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }
  void skip_value() {
    std::size_t depth = 0;
    do {
      skip_space();
      const char c = peek();
      if (c == '"') {
        skip_string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        --depth;
        ++at_;
      } else if (c == ',' || c == ':') {
        ++at_;
      } else {
        while (at_ < text_.size() && std::strchr(" \t\r\n,]}", text_[at_]) == nullptr) ++at_;
      }
    } while (depth > 0 && at_ < text_.size());
    skip_space();
  }

  // Of members with the same name the last one counts.
  bool enter_member(const std::string& name, std::size_t& name_at) {
    if (peek() != '{') return false;
    std::size_t found = 0;
    ++at_;
    for (skip_space(); peek() == '"'; skip_space()) {
      const std::size_t from = at_;
      skip_string();
      const auto read = from_json(text_.substr(from, at_ - from));
      skip_space();
      ++at_;  // the colon
      skip_space();
      if (read && read->string() != nullptr && *read->string() == name) {
        found = at_;
        name_at = from;
      }
      skip_value();
      if (peek() == ',') ++at_;
    }
    at_ = found;
    return found != 0;
  }

  bool enter_element(std::size_t index, std::size_t& name_at) {
    if (peek() != '[') return false;
    ++at_;
    skip_space();
    for (; index > 0 && peek() != ']' && peek() != '\0'; --index) {
      skip_value();
      if (peek() == ',') ++at_;
      skip_space();
    }
    name_at = at_;
    return index == 0 && peek() != ']';
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string path_text(const Path& path) {
  std::string text;
  for (const Step& step : path) append_step(text, step);
  return text;
}

std::string path_text(std::string_view value_name, const Path& path) {
  std::string text(value_name);
  for (const Step& step : path) append_step(text, step);
  return text;
}

std::expected<Path, std::string> parse_path(std::string_view text) {
  Path path;
  std::size_t at = 0;
  while (at < text.size() || path.empty()) {
    if (at < text.size() && text[at] == '[') {
      const std::size_t end = text.find(']', at);
      if (end == std::string_view::npos) return std::unexpected("a [ has no ]");
      std::size_t index = 0;
      const auto [last, error] = std::from_chars(text.data() + at + 1, text.data() + end, index);
      if (error != std::errc() || last != text.data() + end) {
        return std::unexpected("between [ and ] stands a position, counted from 0");
      }
      path.emplace_back(index);
      at = end + 1;
      if (at < text.size() && text[at] == '.') ++at;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(".[", at), text.size());
    if (end == at) return std::unexpected("a name is empty");
    path.emplace_back(std::string(text.substr(at, end - at)));
    at = end;
    if (at < text.size() && text[at] == '.' && ++at == text.size()) {
      return std::unexpected("a name is missing at its end");
    }
  }
  return path;
}

const Value* value_at(const Value& root, const Path& path) {
  const Value* at = &root;
  for (const Step& step : path) {
    if (at == nullptr) return nullptr;
    if (const std::string* name = std::get_if<std::string>(&step)) {
      at = at->find(*name);
    } else {
      const std::size_t index = std::get<std::size_t>(step);
      at = at->array() != nullptr && index < at->array()->size() ? &(*at->array())[index] : nullptr;
    }
  }
  return at;
}

TextPlace place_of_byte(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte);
  const std::size_t line = before.rfind('\n');
  return {static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1,
          line == std::string_view::npos ? before.size() + 1 : before.size() - line};
}

TextPlace place_of_path(std::string_view text, const Path& path, PlaceOf which) {
  return place_of_byte(text, JsonWalker(text).find(path, which));
}

}  // namespace moonlet::project
