// A JSON file of a project as it was read, and what is said about places in it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moonlet/moonlet.hpp"
#include "project/json_path.hpp"

namespace moonlet::project {

struct Document {
  std::string file;
  std::string text;
  Value root;

  // The error has the file, and where it is no JSON, line and column.
  [[nodiscard]] static std::expected<Document, std::string> read(const std::string& file);

  // "p.json:3:14: handlers.a.script"
  std::string place(const Path& path, PlaceOf which = PlaceOf::Value) const;
};

// The JSON of a file, whose byte order mark is taken off. The error is `before`, line, column and
// what is wrong.
[[nodiscard]] std::expected<Value, std::string> read_json_text(const std::string& before,
                                                               std::string& text);

// What was found in a document, in the order in which it was found. Notes do not make it unfit.
struct Findings {
  std::vector<std::string> errors;
  std::vector<std::string> notes;
};

// A value of a document, together with its place. Readers go from one to the next; what is wrong
// goes to the findings, and the answer is then nothing.
class Node {
 public:
  Node(const Document& document, Findings& findings)
      : document_(&document), findings_(&findings), value_(&document.root) {}

  const Value& value() const { return *value_; }
  const Path& path() const { return path_; }
  // The last step of the path.
  std::string name() const;

  void fail(const std::string& what) const;
  // About the member itself, not about its value.
  void fail_name(const std::string& what) const;
  void note(const std::string& what) const;

  std::optional<Node> find(const std::string& member) const;
  // All members, or elements; those of no object (list) are an error.
  std::vector<Node> members() const;
  std::vector<Node> elements() const;
  bool is_object() const;  // else an error
  // Notes each member that is none of these. Names beginning with $ are for editors.
  void expect_members(const std::vector<std::string>& known) const;

  std::optional<std::string> text() const;
  std::optional<std::string> text_in(const std::vector<std::string>& words) const;
  // A whole number from `least` on; `unit` is for the error: "must be a number of milliseconds".
  std::optional<std::int64_t> count(std::int64_t least, std::string_view what) const;
  // Number or whole number, not negative.
  std::optional<double> amount(std::string_view what) const;

 private:
  Node(const Node& parent, const Value& value, Step step);
  const Document* document_;
  Findings* findings_;
  const Value* value_;
  Path path_;
};

}  // namespace moonlet::project
