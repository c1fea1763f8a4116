// Running a Vm on a thread of libuv's pool.
#pragma once

#include <cstdint>
#include <memory>

#include <napi.h>

#include "program.hpp"

namespace moonlet::node {

// A Promise of undefined, kept when the run has ended; its outcome is then in the Core. So much
// fuel bounds how long the end of an environment waits for it.
Napi::Value begin_async_run(Napi::Env env, std::shared_ptr<Core> core, std::uint64_t fuel);

}  // namespace moonlet::node
