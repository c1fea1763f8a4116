#include "project/document.hpp"

#include <algorithm>

#include "project/nearest_name.hpp"

namespace moonlet::project {

std::expected<Value, std::string> read_json_text(const std::string& before, std::string& text) {
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return std::unexpected(before + "1:1: this is UTF-16, and JSON is UTF-8");
  }
  auto value = parse_json(text);
  if (value) return std::move(*value);
  const TextPlace at = place_of_byte(text, value.error().byte);
  return std::unexpected(before + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
                         value.error().what);
}

std::expected<Document, std::string> Document::read(const std::string& file) {
  Document document;
  document.file = file;
  std::string message;
  if (!process_host().read_file(file, document.text, message)) return std::unexpected(message);
  auto root = read_json_text(file + ":", document.text);
  if (!root) return std::unexpected(root.error());
  document.root = std::move(*root);
  if (document.root.object() == nullptr) return std::unexpected(file + ": not a JSON object");
  return document;
}

std::string Document::place(const Path& path, PlaceOf which) const {
  const TextPlace at = place_of_path(text, path, which);
  std::string out = file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ":";
  if (!path.empty()) out += " " + path_text(path);
  return out;
}

Node::Node(const Node& parent, const Value& value, Step step)
    : document_(parent.document_),
      findings_(parent.findings_),
      value_(&value),
      path_(parent.path_) {
  path_.push_back(std::move(step));
}

std::string Node::name() const {
  if (path_.empty()) return {};
  const std::string* name = std::get_if<std::string>(&path_.back());
  return name != nullptr ? *name : std::to_string(std::get<std::size_t>(path_.back()));
}

void Node::fail(const std::string& what) const {
  findings_->errors.push_back(document_->place(path_) + " " + what);
}

void Node::fail_name(const std::string& what) const {
  findings_->errors.push_back(document_->place(path_, PlaceOf::Name) + " " + what);
}

void Node::note(const std::string& what) const {
  findings_->notes.push_back(document_->place(path_, PlaceOf::Name) + " " + what);
}

std::optional<Node> Node::find(const std::string& member) const {
  const Value* value = value_->find(member);
  if (value == nullptr) return std::nullopt;
  return Node(*this, *value, member);
}

bool Node::is_object() const {
  if (value_->object() != nullptr) return true;
  fail("must be an object");
  return false;
}

std::vector<Node> Node::members() const {
  std::vector<Node> nodes;
  if (!is_object()) return nodes;
  for (const Member& member : *value_->object()) {
    nodes.push_back(Node(*this, member.value, member.name));
  }
  return nodes;
}

std::vector<Node> Node::elements() const {
  std::vector<Node> nodes;
  if (value_->array() == nullptr) {
    fail("must be a list");
    return nodes;
  }
  for (std::size_t n = 0; n < value_->array()->size(); ++n) {
    nodes.push_back(Node(*this, (*value_->array())[n], n));
  }
  return nodes;
}

void Node::expect_members(const std::vector<std::string>& known) const {
  if (value_->object() == nullptr) return;
  for (const Member& member : *value_->object()) {
    if (member.name.starts_with("$")) continue;
    if (std::find(known.begin(), known.end(), member.name) != known.end()) continue;
    Node(*this, member.value, member.name)
        .note("is not known and is ignored" + hint_for(member.name, known));
  }
}

std::optional<std::string> Node::text() const {
  if (value_->string() != nullptr) return *value_->string();
  fail("must be a string");
  return std::nullopt;
}

std::optional<std::string> Node::text_in(const std::vector<std::string>& words) const {
  auto word = text();
  if (!word || std::find(words.begin(), words.end(), *word) != words.end()) return word;
  fail("is \"" + *word + "\"" + hint_for(*word, words));
  return std::nullopt;
}

std::optional<std::int64_t> Node::count(std::int64_t least, std::string_view what) const {
  const std::int64_t* number = value_->integer();
  if (number != nullptr && *number >= least) return *number;
  fail("must be a " + std::string(what));
  return std::nullopt;
}

std::optional<double> Node::amount(std::string_view what) const {
  if (const std::int64_t* n = value_->integer(); n != nullptr && *n >= 0) {
    return static_cast<double>(*n);
  }
  if (const double* n = value_->number(); n != nullptr && *n >= 0) return *n;
  fail("must be a " + std::string(what));
  return std::nullopt;
}

}  // namespace moonlet::project
