// Any bytes compile or give an error, and what compiles passes the verifier.
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "bytecode/analysis.hpp"
#include "frontend/compile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace moonlet;
  const auto chunk = frontend::compile_lua54({reinterpret_cast<const char*>(data), size}, "=fuzz");
  if (chunk.has_value()) {
    const auto verified = bytecode::verify(*chunk);
    ML_CHECK(verified.has_value());
  } else {
    ML_CHECK(!chunk.error().message.empty());
  }
  return 0;
}
