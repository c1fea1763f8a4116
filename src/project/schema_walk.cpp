#include "project/schema_walk.hpp"

#include <algorithm>

namespace moonlet::project {

namespace {

constexpr std::size_t kExpandedMax = 64;
constexpr int kReferencesMax = 64;

std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t n = 0; n < token.size(); ++n) {
    const bool is_escape = token[n] == '~' && n + 1 < token.size();
    text += is_escape ? (token[++n] == '1' ? '/' : '~') : token[n];
  }
  return text;
}

const Value* follow(const Value& root, std::string_view reference) {
  if (!reference.starts_with("#")) return nullptr;
  reference.remove_prefix(1);
  const Value* at = &root;
  while (!reference.empty() && at != nullptr) {
    if (reference[0] != '/') return nullptr;
    const std::size_t end = std::min(reference.find('/', 1), reference.size());
    const std::string name = unescaped(reference.substr(1, end - 1));
    reference.remove_prefix(end);
    if (const Value::Array* list = at->array()) {
      const std::size_t index = name.empty() || name.size() > 6 ||
                                        name.find_first_not_of("0123456789") != std::string::npos
                                    ? SIZE_MAX
                                    : std::stoul(name);
      at = index < list->size() ? &(*list)[index] : nullptr;
    } else {
      at = at->find(name);
    }
  }
  return at;
}

const std::string* reference_of(const Value& schema) {
  const Value* reference = schema.find("$ref");
  return reference != nullptr ? reference->string() : nullptr;
}

}  // namespace

const Value* SchemaWalk::resolve(const std::string& reference) const {
  return follow(root_, reference);
}

void SchemaWalk::expand(const Value& schema, std::vector<const Value*>& out) const {
  std::vector<const Value*> waiting = {&schema};
  while (!waiting.empty() && out.size() < kExpandedMax) {
    const Value* next = waiting.back();
    waiting.pop_back();
    if (next == nullptr || std::find(out.begin(), out.end(), next) != out.end()) continue;
    out.push_back(next);
    if (const std::string* reference = reference_of(*next)) waiting.push_back(resolve(*reference));
    for (const char* word : {"allOf", "anyOf", "oneOf"}) {
      const Value* list = next->find(word);
      if (list == nullptr || list->array() == nullptr) continue;
      for (const Value& alternative : *list->array()) waiting.push_back(&alternative);
    }
  }
}

std::vector<const Value*> SchemaWalk::below(const Value& schema, const Step& step) const {
  std::vector<const Value*> expanded;
  expand(schema, expanded);
  std::vector<const Value*> found;
  const auto add = [&](const Value* value) {
    if (value != nullptr && value->object() != nullptr) found.push_back(value);
    return value != nullptr;
  };
  for (const Value* part : expanded) {
    if (const std::string* name = std::get_if<std::string>(&step)) {
      const Value* properties = part->find("properties");
      if (properties == nullptr || !add(properties->find(*name))) {
        add(part->find("additionalProperties"));
      }
      continue;
    }
    const Value* items = part->find("items");
    const std::size_t index = std::get<std::size_t>(step);
    if (items == nullptr || items->array() == nullptr) {
      add(items);
    } else if (index < items->array()->size()) {
      add(&(*items->array())[index]);
    } else {
      add(part->find("additionalItems"));
    }
  }
  return found;
}

std::vector<const Value*> SchemaWalk::at(const Path& path) const {
  std::vector<const Value*> here = {&root_};
  for (const Step& step : path) {
    std::vector<const Value*> next;
    for (const Value* schema : here) {
      for (const Value* found : below(*schema, step)) {
        if (next.size() < kExpandedMax) next.push_back(found);
      }
    }
    here = std::move(next);
  }
  std::vector<const Value*> all;
  for (const Value* schema : here) expand(*schema, all);
  return all;
}

bool SchemaWalk::wants_list(const Value& schema) const {
  std::vector<const Value*> expanded;
  expand(schema, expanded);
  bool wants = false;
  for (const Value* part : expanded) {
    const Value* type = part->find("type");
    if (type == nullptr) continue;
    const auto is = [&](const Value& value, std::string_view word) {
      return value.string() != nullptr && *value.string() == word;
    };
    if (is(*type, "object")) return false;
    wants = wants || is(*type, "array");
    if (type->array() == nullptr) continue;
    for (const Value& one : *type->array()) {
      if (is(one, "object")) return false;
      wants = wants || is(one, "array");
    }
  }
  return wants;
}

std::string problem_with_references(const Value& schema) {
  std::vector<const Value*> waiting = {&schema};
  while (!waiting.empty()) {
    const Value* next = waiting.back();
    waiting.pop_back();
    const Value* at = next;
    for (int hops = 0; at != nullptr && reference_of(*at) != nullptr; ++hops) {
      const std::string& reference = *reference_of(*at);
      if (hops == kReferencesMax) return "\"$ref\": \"" + reference + "\" leads to itself";
      at = follow(schema, reference);
      if (at == nullptr) {
        return "\"$ref\": \"" + reference + "\" " +
               (reference.starts_with("#") ? "leads nowhere" : "leads out of the schema");
      }
    }
    if (const Value::Object* record = next->object()) {
      for (const Member& member : *record) {
        if (member.name != "const" && member.name != "enum" && member.name != "default") {
          waiting.push_back(&member.value);
        }
      }
    } else if (const Value::Array* list = next->array()) {
      for (const Value& one : *list) waiting.push_back(&one);
    }
  }
  return {};
}

}  // namespace moonlet::project
