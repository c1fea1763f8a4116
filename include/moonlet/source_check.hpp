// What can be said about a source without running it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "moonlet/image.hpp"

namespace moonlet {

struct SourceProblem {
  enum class Kind : std::uint8_t {
    Syntax,         // it does not compile; then it is the only one
    UnknownGlobal,  // read, but neither in the library nor assigned to anywhere in the source
  };
  Kind kind;
  std::uint32_t line;  // from 1 up
  std::string text;    // the message without file and line, or the name of the global
};

struct SourceCheckOptions {
  Dialect dialect = Dialect::Lua54;
  std::vector<std::string> known_globals;  // besides the library's
};

// By line. Any thread.
[[nodiscard]] std::vector<SourceProblem> check_source(const Engine& engine, const Source& source,
                                                      const SourceCheckOptions& options = {});

}  // namespace moonlet
