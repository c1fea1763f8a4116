// From a part of a value to what a schema says about it, as far as that can be seen without
// checking: through properties, items, $ref, and the alternatives of allOf, anyOf and oneOf.
#pragma once

#include <vector>

#include "moonlet/moonlet.hpp"
#include "project/json_path.hpp"

namespace moonlet::project {

class SchemaWalk {
 public:
  explicit SchemaWalk(const Value& root) : root_(root) {}

  // All schemas for what the step leads to, from one for the whole.
  std::vector<const Value*> below(const Value& schema, const Step& step) const;
  std::vector<const Value*> at(const Path& path) const;
  // Does the schema say that there has to be a list (and not an object)?
  bool wants_list(const Value& schema) const;

 private:
  void expand(const Value& schema, std::vector<const Value*>& out) const;
  const Value* resolve(const std::string& reference) const;
  const Value& root_;
};

// A chain of $ref that ends nowhere, or leads outside of the schema; empty: there is none.
std::string problem_with_references(const Value& schema);

}  // namespace moonlet::project
