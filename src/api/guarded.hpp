// Calls of the host's functions: no exception may pass through the interpreter.
#pragma once

#include <exception>
#include <expected>
#include <string>

namespace moonlet::api {

// Result is an expected whose error can be made of a text.
template <typename Result, typename F>
Result guarded(F&& call) {
  using Error = typename Result::error_type;
  try {
    return call();
  } catch (const std::exception& problem) {
    return std::unexpected(Error(std::string(problem.what())));
  } catch (...) {
    return std::unexpected(Error(std::string("the host's function failed")));
  }
}

}  // namespace moonlet::api
