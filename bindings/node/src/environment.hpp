// What the addon keeps for each environment of Node (the main one and each worker's): nothing is
// shared between them.
#pragma once

#include <napi.h>

namespace moonlet::node {

class Environment {
 public:
  explicit Environment(Napi::Env env);
  static Environment& of(Napi::Env env);

  Napi::Function map_class() const { return map_class_.Value(); }
  Napi::Function set_class() const { return set_class_.Value(); }
  // Of a Map, as an array of pairs.
  Napi::Array entries(Napi::Object map) const;

 private:
  Napi::FunctionReference map_class_;
  Napi::FunctionReference set_class_;
  Napi::FunctionReference array_from_;
};

}  // namespace moonlet::node
