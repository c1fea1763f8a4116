// The scripts of a runtime and the Vm that runs them: what lib/ builds its classes from. Nobody
// else has one in hand, so only what depends on the caller's values is checked here.
//
// A Vm belongs to one thread at a time. While run_async() is under way it is the pool's, and every
// other method but interrupt() and kill() throws.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <napi.h>

#include "moonlet/moonlet.hpp"

namespace moonlet::node {

// What scripts write, until JavaScript asks for it.
class OutputHost final : public Host {
 public:
  void write(std::string_view text) override { text_ += text; }
  void flush() override {}
  bool uses_utc() override { return true; }
  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

// Outlives the JavaScript object when that is collected during run_async().
struct Core {
  OutputHost host;
  Value config;
  std::optional<Image> image;
  std::optional<Vm> vm;
  std::optional<Outcome> outcome;
  bool is_running = false;  // in another thread, or in the middle of what calls JavaScript
};

class Program : public Napi::ObjectWrap<Program> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit Program(const Napi::CallbackInfo& info);
  ~Program() override;

 private:
  // compile({sources: [{name, text: Buffer, file}], libraries, namespace, limits, find(name)}):
  // makes the image; the Vm, if there is one, moves to it. What main chunks write is output.
  Napi::Value compile(const Napi::CallbackInfo& info);
  // handlers(module) -> names
  Napi::Value handlers(const Napi::CallbackInfo& info);
  // start(module, name, input, options)
  Napi::Value start(const Napi::CallbackInfo& info);
  // thaw(state: Buffer, options)
  Napi::Value thaw(const Napi::CallbackInfo& info);
  Napi::Value freeze(const Napi::CallbackInfo& info);
  // run(fuel) -> outcome; run_async(fuel) -> Promise of nothing, then outcome()
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value run_async(const Napi::CallbackInfo& info);
  Napi::Value outcome(const Napi::CallbackInfo& info);
  // answer([values], check), answer_with_error(value, check): the check throws if, after the values
  // were converted, which may have run anything, there is nothing to answer any more.
  Napi::Value answer(const Napi::CallbackInfo& info);
  Napi::Value answer_with_error(const Napi::CallbackInfo& info);
  Napi::Value set_config(const Napi::CallbackInfo& info);
  Napi::Value set_limits(const Napi::CallbackInfo& info);
  Napi::Value cancel(const Napi::CallbackInfo& info);
  Napi::Value interrupt(const Napi::CallbackInfo& info);
  Napi::Value take_output(const Napi::CallbackInfo& info);
  Napi::Value usage(const Napi::CallbackInfo& info);
  Napi::Value stack(const Napi::CallbackInfo& info);
  Napi::Value image_hash(const Napi::CallbackInfo& info);
  // Frees everything, or, while it runs, as soon as it has stopped.
  Napi::Value dispose(const Napi::CallbackInfo& info);

  Core& idle(Napi::Env env);
  Vm& vm(Napi::Env env);
  // What V8 is told of the memory behind this object.
  void account(Napi::Env env);

  std::shared_ptr<Core> core_;
  std::int64_t accounted_bytes_ = 0;
};

}  // namespace moonlet::node
