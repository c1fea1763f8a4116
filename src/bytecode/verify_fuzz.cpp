// Any bytes are refused, or are a chunk that the verifier has an opinion on; what it accepts keeps
// its form, can be shown, and is safe to run from any position.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bytecode/analysis.hpp"
#include "bytecode/binary_chunk.hpp"
#include "bytecode/disassemble.hpp"
#include "bytecode/shadow_run.hpp"

using namespace moonlet::bytecode;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto chunk = undump({reinterpret_cast<const char*>(data), size});
  if (!chunk) return 0;
  (void)disassemble(*chunk);
  if (!verify(*chunk, AllowBuiltins::Yes)) return 0;
  const std::string bytes = dump(*chunk, Strip::No);
  const auto again = undump(bytes);
  if (!again || dump(*again, Strip::No) != bytes) std::abort();
  const auto stripped = undump(dump(*chunk, Strip::Yes));
  if (!stripped || !verify(*stripped, AllowBuiltins::Yes)) std::abort();
  if (!test::shadow_runs(*chunk, static_cast<std::uint32_t>(size), 4).empty()) std::abort();
  return 0;
}
