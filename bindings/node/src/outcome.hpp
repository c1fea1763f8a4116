// How a run has ended, for JavaScript.
#pragma once

#include <vector>

#include <napi.h>

#include "moonlet/moonlet.hpp"

namespace moonlet::node {

// {kind: "finished", values}, {kind: "suspended", command}, {kind: "preempted"},
// {kind: "failed", message, traceback, value, limit}
Napi::Object outcome_to_js(Napi::Env env, const Outcome& outcome);
Napi::Array stack_to_js(Napi::Env env, const std::vector<StackFrame>& frames);

}  // namespace moonlet::node
