#include "project/schema.hpp"

#include <algorithm>
#include <regex>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/os/fiber.hpp"
#include "project/schema_walk.hpp"

namespace moonlet::project {

namespace {

using Json = nlohmann::json;

// std::regex goes down some calls for each character, of 1 KB with five groups in each other: long
// texts are tried on a stack of their own, whose pages come when they are used.
constexpr std::size_t kMatchedBytesMax = 10'000;
constexpr std::size_t kMatchedHereBytesMax = 200;
constexpr std::size_t kStackBytes = std::size_t{512} << 20;

Json json_of(const Value& value) {
  if (const bool* flag = value.boolean()) return *flag;
  if (const std::int64_t* n = value.integer()) return *n;
  if (const double* n = value.number()) {
    // In JSON 3.0 is as whole a number as 3.
    const bool is_whole =
        *n >= -0x1p53 && *n <= 0x1p53 && *n == static_cast<double>(static_cast<std::int64_t>(*n));
    return is_whole ? Json(static_cast<std::int64_t>(*n)) : Json(*n);
  }
  if (const std::string* text = value.string()) return *text;
  if (const Value::Array* list = value.array()) {
    Json out = Json::array();
    for (const Value& element : *list) out.push_back(json_of(element));
    return out;
  }
  if (const Value::Object* record = value.object()) {
    Json out = Json::object();
    for (const Member& member : *record) {
      if (!member.value.is_nil()) out[member.name] = json_of(member.value);
    }
    return out;
  }
  return nullptr;
}

const char* kind_of(const Value& value) {
  if (value.boolean() != nullptr) return "a boolean";
  if (value.integer() != nullptr) return "an integer";
  if (value.number() != nullptr) return "a number";
  if (value.string() != nullptr) return "a string";
  if (value.array() != nullptr) return "a list";
  if (value.object() != nullptr) return "an object";
  if (value.map() != nullptr) return "a table that JSON cannot hold";
  return value.is_nil() ? "nil" : "an object of the host's";
}

std::string shown(const Value& value) {
  constexpr std::size_t kShownMax = 40;
  const std::string text = to_json(value).value_or(kind_of(value));
  return text.size() <= kShownMax ? text : kind_of(value);
}

// The words of valijson, as one says them here.
std::string type_word(const std::string& type) {
  if (type == "array") return "a list";
  if (type == "null") return "nil";
  return (type == "integer" || type == "object" ? "an " : "a ") + type;
}

std::string types_text(const Value& type) {
  if (type.string() != nullptr) return type_word(*type.string());
  std::string text;
  if (type.array() == nullptr) return text;
  for (const Value& one : *type.array()) {
    if (one.string() == nullptr) continue;
    text += (text.empty() ? "" : " or ") + type_word(*one.string());
  }
  return text;
}

// Nearest to what is asked for: of several alternatives, none is named.
const Value* only_word(const std::vector<const Value*>& schemas, std::string_view word) {
  const Value* found = nullptr;
  for (const Value* schema : schemas) {
    const Value* value = schema->find(word);
    if (value == nullptr) continue;
    if (found != nullptr) return nullptr;
    found = value;
  }
  return found;
}

std::string listed(const Value& values) {
  std::string text;
  for (const Value& one : *values.array()) text += (text.empty() ? "" : ", ") + shown(one);
  return text;
}

// As a part of a sentence; numbers that valijson writes with six digits lose them.
std::string lowered(std::string text) {
  constexpr std::string_view kZeros = ".000000";
  for (std::size_t at; (at = text.find(kZeros)) != std::string::npos;) {
    text.erase(at, kZeros.size());
  }
  if (text.size() > 1 && text[1] >= 'a' && text[1] <= 'z') {
    text[0] = static_cast<char>(text[0] | 0x20);
  }
  if (text.ends_with(".")) text.pop_back();
  return text;
}

}  // namespace

struct Schema::Content {
  Value text;
  valijson::Schema schema;
  bool has_lists = false;
  bool has_patterns = false;
};

namespace {

bool mentions(const Value& schema, std::string_view member, std::string_view content) {
  if (const Value::Object* record = schema.object()) {
    for (const Member& m : *record) {
      if (m.name == member) {
        const std::string* text = m.value.string();
        if (content.empty() || m.value.array() != nullptr ||
            (text != nullptr && *text == content)) {
          return true;
        }
      }
      if (mentions(m.value, member, content)) return true;
    }
  } else if (const Value::Array* list = schema.array()) {
    return std::any_of(list->begin(), list->end(),
                       [&](const Value& one) { return mentions(one, member, content); });
  }
  return false;
}

struct Longest {
  std::size_t text = 0;
  std::size_t name = 0;
};
void measure(const Value& value, Longest& longest) {
  if (const std::string* text = value.string()) {
    longest.text = std::max(longest.text, text->size());
  } else if (const Value::Object* record = value.object()) {
    for (const Member& member : *record) {
      longest.name = std::max(longest.name, member.name.size());
      measure(member.value, longest);
    }
  } else if (const Value::Array* list = value.array()) {
    for (const Value& one : *list) measure(one, longest);
  }
}

// Throws what std::regex does.
void try_patterns(const Value& schema) {
  if (const Value* pattern = schema.find("pattern"); pattern != nullptr && pattern->string()) {
    static_cast<void>(std::regex(*pattern->string()));
  }
  if (const Value::Object* record = schema.object()) {
    for (const Member& member : *record) try_patterns(member.value);
  } else if (const Value::Array* list = schema.array()) {
    for (const Value& one : *list) try_patterns(one);
  }
}

// Goes through a value with the schemas that apply to its parts.
class Preparer {
 public:
  Preparer(const SchemaWalk& walk, bool looks_at_patterns)
      : walk_(walk), looks_at_patterns_(looks_at_patterns) {}

  std::expected<void, SchemaProblem> go(Value& value, const std::vector<const Value*>& schemas) {
    if (Value::Object* record = value.object()) {
      if (record->empty()) {
        if (std::any_of(schemas.begin(), schemas.end(),
                        [&](const Value* schema) { return walk_.wants_list(*schema); })) {
          value = Value(Value::Array{});
        }
        return {};
      }
      for (Member& member : *record) {
        if (auto done = step(member.value, member.name, schemas); !done) return done;
      }
    } else if (Value::Array* list = value.array()) {
      for (std::size_t n = 0; n < list->size(); ++n) {
        if (auto done = step((*list)[n], n, schemas); !done) return done;
      }
    } else if (looks_at_patterns_ && value.string() != nullptr &&
               value.string()->size() > kMatchedBytesMax) {
      const auto here = walk_.at(path_);
      if (std::any_of(here.begin(), here.end(),
                      [](const Value* s) { return s->find("pattern") != nullptr; })) {
        return std::unexpected(SchemaProblem{path_, "is longer than the " +
                                                        std::to_string(kMatchedBytesMax) +
                                                        " bytes that a pattern is tried on"});
      }
    }
    return {};
  }

 private:
  std::expected<void, SchemaProblem> step(Value& value, Step next,
                                          const std::vector<const Value*>& schemas) {
    std::vector<const Value*> below;
    for (const Value* schema : schemas) {
      for (const Value* found : walk_.below(*schema, next)) below.push_back(found);
    }
    if (below.empty()) return {};
    path_.push_back(std::move(next));
    auto done = go(value, below);
    path_.pop_back();
    return done;
  }

  const SchemaWalk& walk_;
  bool looks_at_patterns_;
  Path path_;
};

// "[name]" and "[0]" as valijson gives them, "<root>" first.
Path path_of(const std::vector<std::string>& context, const Value& value) {
  Path path;
  const Value* at = &value;
  for (std::size_t n = 1; n < context.size() && at != nullptr; ++n) {
    const std::string step = context[n].substr(1, context[n].size() - 2);
    if (at->array() != nullptr) {
      path.emplace_back(static_cast<std::size_t>(std::stoul(step)));
    } else {
      path.emplace_back(step);
    }
    at = value_at(value, path);
  }
  return path;
}

std::string quoted_part(const std::string& text, std::size_t from) {
  const std::size_t begin = text.find('\'', from);
  const std::size_t end = text.rfind('\'');
  return begin == std::string::npos || end <= begin ? "" : text.substr(begin + 1, end - begin - 1);
}

// What valijson says, with what the schema asks for where it only says that it is not met.
std::string say(const std::string& what, const Value& root, const Path& path, const Value& value) {
  const Value* part = value_at(value, path);
  const auto schemas = SchemaWalk(root).at(path);
  const auto has = [&](std::string_view words) { return what.find(words) != std::string::npos; };
  if (has("'type' constraint")) {
    const Value* type = only_word(schemas, "type");
    const std::string wanted = type != nullptr ? types_text(*type) : "";
    const std::string is = part != nullptr ? kind_of(*part) : "nil";
    return wanted.empty() ? "must not be " + is : "must be " + wanted + ", but is " + is;
  }
  if (has("any enum values")) {
    const Value* values = only_word(schemas, "enum");
    if (values != nullptr && values->array() != nullptr && part != nullptr) {
      return "must be one of " + listed(*values) + ", but is " + shown(*part);
    }
  }
  if (has("by 'const' constraint")) {
    const Value* wanted = only_word(schemas, "const");
    if (wanted != nullptr && part != nullptr) {
      return "must be " + shown(*wanted) + ", but is " + shown(*part);
    }
  }
  if (has("by 'pattern' constraint")) {
    const Value* pattern = only_word(schemas, "pattern");
    if (pattern != nullptr && part != nullptr) {
      return "does not match the pattern " + shown(*pattern) + ": " + shown(*part);
    }
  }
  if (has("Missing required property")) return "lacks \"" + quoted_part(what, 0) + "\"";
  if (has("Object contains a property")) {
    return "has \"" + quoted_part(what, what.rfind(": '")) + "\", which the schema does not allow";
  }
  if (has("in 'not' constraint")) return "fits what the schema excludes by \"not\"";
  if (has("against any schemas allowed by anyOf") || has("against any child schemas")) {
    return "fits none of the alternatives that the schema has";
  }
  return "does not fit the schema: " + lowered(what);
}

std::expected<void, SchemaProblem> validate(const valijson::Schema& schema, const Value& text,
                                            const Value& value) {
  const Json json = json_of(value);
  try {
    const valijson::adapters::NlohmannJsonAdapter target(json);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    if (validator.validate(schema, target, nullptr)) return {};
    valijson::ValidationResults results;
    validator.validate(schema, target, &results);
    valijson::ValidationResults::Error first;
    if (!results.popError(first))
      return std::unexpected(SchemaProblem{{}, "does not fit the schema"});
    // Alternatives come before the word that none of them fits.
    for (valijson::ValidationResults::Error next; results.popError(next);) {
      if (next.context.size() <= first.context.size() &&
          next.description.find("allowed by anyOf") != std::string::npos) {
        first = next;
      }
    }
    const Path path = path_of(first.context, value);
    return std::unexpected(SchemaProblem{path, say(first.description, text, path, value)});
  } catch (const std::exception& error) {
    return std::unexpected(SchemaProblem{{}, "cannot be checked: " + lowered(error.what())});
  }
}

}  // namespace

std::expected<Schema, std::string> Schema::make(const Value& schema) {
  if (schema.object() == nullptr) return std::unexpected("must be a JSON Schema, an object");
  if (std::string problem = problem_with_references(schema); !problem.empty()) {
    return std::unexpected(std::move(problem));
  }
  auto content = std::make_shared<Content>();
  content->text = schema;
  content->has_lists = mentions(schema, "type", "array");
  content->has_patterns =
      mentions(schema, "pattern", "") || mentions(schema, "patternProperties", "");
  const Json json = json_of(schema);
  try {
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(json), content->schema);
    // Patterns are read when they are first used; what is wrong with one is to be said now.
    if (content->has_patterns) try_patterns(schema);
  } catch (const std::exception& error) {
    return std::unexpected("is no JSON Schema: " + lowered(error.what()));
  }
  Schema made;
  made.content_ = std::move(content);
  return made;
}

std::expected<void, SchemaProblem> Schema::fit(Value& value) const {
  const Value& text = content_->text;
  Longest longest;
  if (content_->has_patterns) measure(value, longest);
  if (longest.name > kMatchedBytesMax) {
    return std::unexpected(SchemaProblem{{},
                                         "has a name longer than the " +
                                             std::to_string(kMatchedBytesMax) +
                                             " bytes that a pattern is tried on"});
  }
  if (content_->has_lists || content_->has_patterns) {
    const SchemaWalk walk(text);
    Preparer preparer(walk, content_->has_patterns);
    if (auto done = preparer.go(value, {&text}); !done) return done;
  }
  if (std::max(longest.text, longest.name) <= kMatchedHereBytesMax) {
    return validate(content_->schema, text, value);
  }
  const auto fiber = base::os::Fiber::create(kStackBytes);
  if (fiber == nullptr) {
    return std::unexpected(SchemaProblem{{}, "cannot be checked: no memory for its patterns"});
  }
  struct Work {
    const valijson::Schema& schema;
    const Value& text;
    const Value& value;
    std::expected<void, SchemaProblem> answer;
  } work = {content_->schema, text, value, {}};
  fiber->begin(
      [](void* context) {
        Work& to_do = *static_cast<Work*>(context);
        to_do.answer = validate(to_do.schema, to_do.text, to_do.value);
      },
      &work);
  fiber->resume();
  return std::move(work.answer);
}

const Value& Schema::text() const { return content_->text; }

}  // namespace moonlet::project
