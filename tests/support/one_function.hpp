// Programs of one function, `main` of module "m", and how their runs end, in words.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {

inline Image image_of(const std::string& body, const Limits& limits = {}) {
  static const Engine engine = *Engine::make();
  ImageOptions options;
  options.sources = {{"m", "return {main = function(...) " + body + " end}", "m.lua"}};
  options.limits = limits;
  return *Image::compile(engine, options);
}

inline Vm started(const Image& image, const ForkOptions& options = {}) {
  Vm vm = *image.fork(options);
  EXPECT_TRUE(vm.start("m", {"main"}, {}).has_value());
  return vm;
}

// The limit, the result or the message; else what happened.
inline std::string describe(const Outcome& outcome) {
  if (const auto* hit = std::get_if<LimitHit>(&outcome)) return text_of(hit->limit);
  if (const auto* failed = std::get_if<Failed>(&outcome)) return "failed: " + failed->message;
  if (const auto* finished = std::get_if<Finished>(&outcome)) {
    return finished->values.empty() ? "finished" : "finished: " + *to_json(finished->values[0]);
  }
  if (std::holds_alternative<Killed>(outcome)) return "killed";
  if (std::holds_alternative<Preempted>(outcome)) return "preempted";
  if (std::holds_alternative<Suspended>(outcome)) return "suspended";
  return "exited";
}

}  // namespace moonlet
