// JSON Schema (drafts 4 to 7, as valijson knows them): what values have to look like.
//
// An empty list comes from a script as an empty object. Where a schema says that there has to be a
// list, it is one: fit() makes it so.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "moonlet/moonlet.hpp"
#include "project/json_path.hpp"

namespace moonlet::project {

// What is wrong, and with which part of the value.
struct SchemaProblem {
  Path path;
  std::string what;  // "must be an integer, but is a string"
};

// A handle; copies are the same schema. Immutable, usable from any thread.
class Schema {
 public:
  // The error says what is wrong with the schema.
  [[nodiscard]] static std::expected<Schema, std::string> make(const Value& schema);

  // Makes empty objects lists where a list has to be, then checks.
  [[nodiscard]] std::expected<void, SchemaProblem> fit(Value& value) const;
  const Value& text() const;  // as it stands in the file

 private:
  struct Content;
  std::shared_ptr<const Content> content_;
};

}  // namespace moonlet::project
