#include "project/difference.hpp"

#include <algorithm>

#include "project/json_path.hpp"
#include "project/schema.hpp"

namespace moonlet::project {

namespace {

constexpr std::size_t kLinesMax = 20;
constexpr std::size_t kShownMax = 200;
constexpr std::string_view kFits = "$fits";

std::string shown(const Value& value) {
  std::string text = to_json(value).value_or("(no JSON)");
  if (text.size() > kShownMax) text = text.substr(0, kShownMax) + "...";
  return value.is_nil() ? "nil" : text;
}

bool is_number(const Value& value) {
  return value.integer() != nullptr || value.number() != nullptr;
}

bool are_equal_numbers(const Value& a, const Value& b) {
  if (a.integer() != nullptr && b.integer() != nullptr) return *a.integer() == *b.integer();
  const double x = a.integer() != nullptr ? static_cast<double>(*a.integer()) : *a.number();
  const double y = b.integer() != nullptr ? static_cast<double>(*b.integer()) : *b.number();
  return x == y;
}

bool is_empty(const Value& value) {
  return (value.array() != nullptr && value.array()->empty()) ||
         (value.object() != nullptr && value.object()->empty());
}

class Comparison {
 public:
  explicit Comparison(const std::string& name) : name_(name) {}

  void compare(const Value& expected, const Value& actual) {
    if (lines_.size() > kLinesMax) return;
    if (const Value* schema = expected.find(kFits)) {
      if (expected.object()->size() == 1) return fit(*schema, actual);
    }
    if (is_number(expected) && is_number(actual)) {
      if (!are_equal_numbers(expected, actual)) differ(expected, actual);
    } else if (is_empty(expected) && is_empty(actual)) {
      return;
    } else if (expected.object() != nullptr && actual.object() != nullptr) {
      compare_members(expected, actual);
    } else if (expected.array() != nullptr && actual.array() != nullptr) {
      compare_elements(*expected.array(), *actual.array());
    } else if (!(expected == actual)) {
      differ(expected, actual);
    }
  }

  std::vector<std::string> take() {
    if (lines_.size() > kLinesMax) {
      lines_.resize(kLinesMax);
      lines_.emplace_back("... and more");
    }
    return std::move(lines_);
  }

 private:
  std::string here() const { return path_text(name_, path_); }
  void differ(const Value& expected, const Value& actual) {
    lines_.push_back(here() + " is " + shown(actual) + ", expected " + shown(expected));
  }

  void fit(const Value& text, const Value& actual) {
    auto schema = Schema::make(text);
    if (!schema) {
      lines_.push_back(here() + ": what is expected has a $fits that " + schema.error());
      return;
    }
    Value copy = actual;
    auto done = schema->fit(copy);
    if (done) return;
    Path path = path_;
    path.insert(path.end(), done.error().path.begin(), done.error().path.end());
    lines_.push_back(path_text(name_, path) + " " + done.error().what);
  }

  void compare_members(const Value& expected, const Value& actual) {
    for (const Member& member : *expected.object()) {
      const Value* found = actual.find(member.name);
      path_.emplace_back(member.name);
      if (found != nullptr) {
        compare(member.value, *found);
      } else if (!member.value.is_nil()) {
        compare(member.value, Value());
      }
      path_.pop_back();
    }
    for (const Member& member : *actual.object()) {
      if (member.value.is_nil() || expected.find(member.name) != nullptr) continue;
      path_.emplace_back(member.name);
      lines_.push_back(here() + " is " + shown(member.value) + ", and not expected");
      path_.pop_back();
    }
  }

  void compare_elements(const Value::Array& expected, const Value::Array& actual) {
    for (std::size_t n = 0; n < std::max(expected.size(), actual.size()); ++n) {
      path_.emplace_back(n);
      if (n >= expected.size()) {
        lines_.push_back(here() + " is " + shown(actual[n]) + ", and not expected");
      } else {
        compare(expected[n], n < actual.size() ? actual[n] : Value());
      }
      path_.pop_back();
    }
  }

  const std::string& name_;
  Path path_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> differences(const std::string& name, const Value& expected,
                                     const Value& actual) {
  Comparison comparison(name);
  comparison.compare(expected, actual);
  return comparison.take();
}

}  // namespace moonlet::project
