// Where the shared parts of a front end report what is wrong with the source. The parser knows the
// current line and token. The first report counts; what comes after it is a consequence.
#pragma once

#include <string>

namespace moonlet::frontend {

class ErrorSink {
 public:
  // "source:line: message near 'token'".
  virtual void syntax_error(std::string message) = 0;
  // "source:line: message".
  virtual void semantic_error(std::string message) = 0;

 protected:
  ~ErrorSink() = default;
};

}  // namespace moonlet::frontend
