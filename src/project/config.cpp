#include "project/config.hpp"

#include <algorithm>

namespace moonlet::project {

namespace {

// The member or element, made if there is none; nullptr: something else is in the way.
Value* ensure(Value& at, const Step& step) {
  if (const std::string* name = std::get_if<std::string>(&step)) {
    if (at.is_nil()) at = Value(Value::Object{});
    Value::Object* record = at.object();
    if (record == nullptr) return nullptr;
    const auto found = std::find_if(record->begin(), record->end(),
                                    [&](const Member& m) { return m.name == *name; });
    if (found != record->end()) return &found->value;
    record->push_back({*name, Value()});
    return &record->back().value;
  }
  const std::size_t index = std::get<std::size_t>(step);
  if (at.is_nil()) at = Value(Value::Array{});
  Value::Array* list = at.array();
  if (list == nullptr || index > list->size()) return nullptr;
  if (index == list->size()) list->emplace_back();
  return &(*list)[index];
}

}  // namespace

void lay_over(Value& base, const Value& layer) {
  Value::Object* record = base.object();
  if (record == nullptr || layer.object() == nullptr) {
    base = layer;
    return;
  }
  for (const Member& member : *layer.object()) {
    const auto found = std::find_if(record->begin(), record->end(),
                                    [&](const Member& m) { return m.name == member.name; });
    if (member.value.is_nil()) {
      if (found != record->end()) record->erase(found);
    } else if (found == record->end()) {
      record->push_back(member);
    } else {
      lay_over(found->value, member.value);
    }
  }
}

std::expected<void, std::string> set_in(Value& config, const std::string& setting) {
  const std::size_t sign = setting.find('=');
  if (sign == std::string::npos || sign == 0) {
    return std::unexpected("--set needs path=value, not \"" + setting + "\"");
  }
  const std::string text = setting.substr(0, sign);
  const auto path = parse_path(text);
  if (!path) return std::unexpected("--set " + setting + ": " + path.error());
  Value* at = &config;
  for (std::size_t n = 0; n < path->size(); ++n) {
    const Path above(path->begin(), path->begin() + static_cast<std::ptrdiff_t>(n));
    at = ensure(*at, (*path)[n]);
    if (at != nullptr) continue;
    const bool is_name = std::holds_alternative<std::string>((*path)[n]);
    return std::unexpected("--set " + setting + ": " + path_text("config", above) +
                           (is_name ? " is no object" : " is no list, or a shorter one"));
  }
  const std::string content = setting.substr(sign + 1);
  auto value = from_json(content);
  *at = value ? std::move(*value) : Value(content);
  return {};
}

std::expected<void, std::string> check_config(const Project& project, Value& config) {
  if (!project.config_schema) return {};
  auto done = project.config_schema->fit(config);
  if (done) return {};
  const SchemaProblem& problem = done.error();
  // What the file itself has stands somewhere in it; what a layer brought does not.
  Path path = {std::string("config")};
  path.insert(path.end(), problem.path.begin(), problem.path.end());
  const Value* in_file = value_at(project.document.root, path);
  const Value* in_config = value_at(config, problem.path);
  const bool is_in_file = in_file != nullptr && in_config != nullptr && *in_file == *in_config;
  const std::string place = is_in_file ? project.document.place(path) : path_text(path);
  return std::unexpected(place + " " + problem.what + " (by configSchema)");
}

std::expected<Value, std::string> layered_config(const Project& project,
                                                 const ConfigLayers& layers) {
  Value config = project.config;
  for (const std::string& file : layers.overlays) {
    auto document = Document::read(file);
    if (!document) return std::unexpected("--config-overlay: " + document.error());
    lay_over(config, document->root);
  }
  for (const std::string& setting : layers.settings) {
    if (auto done = set_in(config, setting); !done) return std::unexpected(done.error());
  }
  if (auto done = check_config(project, config); !done) return std::unexpected(done.error());
  return config;
}

}  // namespace moonlet::project
