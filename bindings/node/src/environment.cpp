#include "environment.hpp"

namespace moonlet::node {

Environment::Environment(Napi::Env env) {
  const Napi::Object global = env.Global();
  map_class_ = Napi::Persistent(global.Get("Map").As<Napi::Function>());
  set_class_ = Napi::Persistent(global.Get("Set").As<Napi::Function>());
  const Napi::Object array = global.Get("Array").As<Napi::Object>();
  array_from_ = Napi::Persistent(array.Get("from").As<Napi::Function>());
}

Environment& Environment::of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

Napi::Array Environment::entries(Napi::Object map) const {
  const Napi::Value array = map.Env().Global().Get("Array");
  return array_from_.Call(array, {map}).As<Napi::Array>();
}

}  // namespace moonlet::node
