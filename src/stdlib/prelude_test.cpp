#include <gtest/gtest.h>

#include "bytecode/analysis.hpp"
#include "bytecode/binary_chunk.hpp"
#include "stdlib/prelude_chunks.hpp"

namespace moonlet::stdlib {
namespace {

// Release builds take them as they are.
TEST(Prelude, IsVerified) {
  EXPECT_GE(prelude_chunks().size(), 9u);
  for (const PreludeChunk& prelude : prelude_chunks()) {
    const auto chunk = bytecode::undump(prelude.bytes);
    ASSERT_TRUE(chunk) << prelude.name << ": " << chunk.error();
    const auto verified = bytecode::verify(*chunk, bytecode::AllowBuiltins::Yes);
    EXPECT_TRUE(verified) << prelude.name << ": " << verified.error();
    EXPECT_EQ(bytecode::dump(*chunk, bytecode::Strip::No), prelude.bytes) << prelude.name;
  }
}

}  // namespace
}  // namespace moonlet::stdlib
