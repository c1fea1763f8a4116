#include <napi.h>

#include "environment.hpp"
#include "program.hpp"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new moonlet::node::Environment(env));
  exports.Set("Program", moonlet::node::Program::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(moonlet, init)
