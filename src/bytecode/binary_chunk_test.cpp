#include "bytecode/binary_chunk.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "bytecode/disassemble.hpp"
#include "bytecode/full_chunk.hpp"

namespace moonlet::bytecode {
namespace {

using namespace test;

constexpr std::size_t kHeaderSize = 4 + 1 + 1 + 6 + 3;

std::string failure(std::string_view bytes) {
  const auto chunk = undump(bytes);
  return chunk ? "" : chunk.error();
}

TEST(BinaryChunk, BeginsWithTheHeaderOfTheReference) {
  const std::string bytes = dump(make_chunk({kReturn}), Strip::No);
  const char header[] =
      "\x1bLua\x54\0\x19\x93\r\n\x1a\n\x04\x08\x08"
      "\x78\x56\0\0\0\0\0\0\0\0\0\0\0\x28\x77\x40";
  EXPECT_EQ(bytes.substr(0, sizeof header - 1), std::string(header, sizeof header - 1));
}

TEST(BinaryChunk, RoundTrip) {
  const Chunk chunk = make_full_chunk();
  const std::string bytes = dump(chunk, Strip::No);
  const auto again = undump(bytes);
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(disassemble(*again), disassemble(chunk));
  EXPECT_EQ(verdict(*again), "");
  EXPECT_EQ(dump(*again, Strip::No), bytes);
}

TEST(BinaryChunk, ExtremeValuesSurvive) {
  Chunk chunk = make_chunk({kReturn});
  Function& main = chunk.functions[0];
  main.line_defined = 0xffffffff;
  main.lines = {std::numeric_limits<std::int32_t>::min()};
  main.locals = {{1, 5, 3}, {1, 0, 0xffffffff}};
  main.constants[kIntegerK].integer = std::numeric_limits<std::int64_t>::min();
  main.constants[kFloatK].number = -0.0;
  main.upvalues.assign(255, {true, 255, kNoString});
  main.source = kNoString;
  chunk.strings[1] = std::string("\0\xff\n", 3);
  const auto again = undump(dump(chunk, Strip::No));
  ASSERT_TRUE(again) << again.error();
  const Function& copy = again->functions[0];
  EXPECT_EQ(copy.line_defined, 0xffffffff);
  EXPECT_EQ(copy.lines, main.lines);
  EXPECT_EQ(copy.locals[1].start_pc, 0u);
  EXPECT_EQ(copy.locals[1].end_pc, 0xffffffff);
  EXPECT_EQ(copy.locals[0].end_pc, 3u);
  EXPECT_EQ(copy.constants[kIntegerK].integer, main.constants[kIntegerK].integer);
  EXPECT_TRUE(std::signbit(copy.constants[kFloatK].number));
  EXPECT_EQ(copy.upvalues.size(), 255u);
  EXPECT_EQ(copy.upvalues[254].index, 255);
  EXPECT_EQ(copy.upvalues[254].name, kNoString);
  EXPECT_EQ(copy.source, kNoString);
  EXPECT_EQ(again->strings[copy.constants[kNameK].string], chunk.strings[1]);
}

TEST(BinaryChunk, LinesMayJumpByMoreThanHalfTheRange) {
  Chunk chunk = make_chunk({make_abc(Opcode::LoadNil, 0, 0, 0), kReturn});
  chunk.functions[0].lines = {std::numeric_limits<std::int32_t>::min(),
                              std::numeric_limits<std::int32_t>::max()};
  EXPECT_EQ(undump(dump(chunk, Strip::No))->functions[0].lines, chunk.functions[0].lines);
}

TEST(BinaryChunk, UnusedStringsAndTheirOrderLeaveNoTrace) {
  Chunk chunk = make_full_chunk();
  const std::string bytes = dump(chunk, Strip::No);
  chunk.strings.insert(chunk.strings.begin(), "unused");
  for (Function& function : chunk.functions) {
    if (function.source != kNoString) ++function.source;
    for (Constant& constant : function.constants) {
      if (constant.kind == Constant::Kind::String || constant.kind == Constant::Kind::Builtin) {
        ++constant.string;
      }
    }
    for (Upvalue& upvalue : function.upvalues) {
      if (upvalue.name != kNoString) ++upvalue.name;
    }
    for (LocalVariable& local : function.locals) ++local.name;
  }
  EXPECT_EQ(dump(chunk, Strip::No), bytes);
}

TEST(BinaryChunk, Stripping) {
  const Chunk chunk = make_full_chunk();
  const std::string bytes = dump(chunk, Strip::Yes);
  EXPECT_EQ(bytes.find("test.lua"), std::string::npos);
  EXPECT_EQ(bytes.find("_ENV"), std::string::npos);
  const auto stripped = undump(bytes);
  ASSERT_TRUE(stripped) << stripped.error();
  EXPECT_EQ(verdict(*stripped), "");
  const Function& main = stripped->functions[0];
  EXPECT_EQ(stripped->strings[main.source], "=?");
  EXPECT_TRUE(main.lines.empty());
  EXPECT_TRUE(main.locals.empty());
  EXPECT_EQ(main.upvalues[0].name, kNoString);
  EXPECT_EQ(main.code, chunk.functions[0].code);
  EXPECT_EQ(main.heights, chunk.functions[0].heights);
  EXPECT_EQ(main.last_line_defined, chunk.functions[0].last_line_defined);
  EXPECT_EQ(stripped->functions[1].source, kNoString);
  // Once is enough.
  EXPECT_EQ(dump(*stripped, Strip::Yes), bytes);
  EXPECT_EQ(dump(*stripped, Strip::No), bytes);
}

TEST(BinaryChunk, TruncatedAnywhere) {
  for (const Strip strip : {Strip::No, Strip::Yes}) {
    const std::string bytes = dump(make_full_chunk(), strip);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_EQ(failure(bytes.substr(0, size)), "bad binary format (truncated chunk)") << size;
    }
  }
}

TEST(BinaryChunk, ReasonsOfTheReference) {
  const std::string good = dump(make_chunk({kReturn}), Strip::No);
  const auto with_other_byte = [&good](std::size_t at) {
    std::string bytes = good;
    ++bytes[at];
    return failure(bytes);
  };
  EXPECT_EQ(with_other_byte(0), "bad binary format (not a binary chunk)");
  EXPECT_EQ(with_other_byte(3), "bad binary format (not a binary chunk)");
  EXPECT_EQ(with_other_byte(4), "bad binary format (version mismatch)");
  EXPECT_EQ(with_other_byte(5), "bad binary format (format mismatch)");
  for (std::size_t at = 6; at < 12; ++at) {
    EXPECT_EQ(with_other_byte(at), "bad binary format (corrupted chunk)");
  }
  EXPECT_EQ(with_other_byte(12), "bad binary format (Instruction size mismatch)");
  EXPECT_EQ(with_other_byte(13), "bad binary format (lua_Integer size mismatch)");
  EXPECT_EQ(with_other_byte(14), "bad binary format (lua_Number size mismatch)");
  EXPECT_EQ(with_other_byte(15), "bad binary format (integer format mismatch)");
  EXPECT_EQ(with_other_byte(30), "bad binary format (float format mismatch)");
  // The body: what the reference itself writes is not ours.
  EXPECT_EQ(with_other_byte(31), "bad binary format (not a chunk of Moonlet)");
  EXPECT_EQ(with_other_byte(33), "bad binary format (version mismatch)");
}

TEST(BinaryChunk, NothingFollows) {
  EXPECT_EQ(failure(dump(make_chunk({kReturn}), Strip::No) + '\0'),
            "bad binary format (corrupted chunk)");
}

std::string header() { return dump(Chunk{}, Strip::No).substr(0, kHeaderSize + 16 + 3); }

TEST(BinaryChunk, CountsAreBoundedByTheInput) {
  const std::string huge = "\xff\xff\xff\xff\x0f";
  EXPECT_EQ(failure(header() + huge), "bad binary format (truncated chunk)");
  EXPECT_EQ(failure(header() + std::string(1, '\0') + huge + std::string(1000, '\0')),
            "bad binary format (truncated chunk)");
  // A string; the words of a function.
  EXPECT_EQ(failure(header() + '\1' + huge + "abc"), "bad binary format (truncated chunk)");
  EXPECT_EQ(failure(header() + std::string("\0\1\0\0\0\0\0\0", 8) + huge + std::string(99, '\0')),
            "bad binary format (truncated chunk)");
}

TEST(BinaryChunk, NumbersHaveOneForm) {
  const std::string too_long("\x80\0", 2);
  EXPECT_EQ(failure(header() + too_long), "bad binary format (integer overflow)");
  EXPECT_EQ(failure(header() + "\xff\xff\xff\xff\x1f"), "bad binary format (integer overflow)");
  EXPECT_EQ(failure(header() + "\xff\xff\xff\xff\xff\x01"), "bad binary format (integer overflow)");
}

TEST(BinaryChunk, FlagsAndKindsAreKnown) {
  const std::string flags_4("\0\1\0\0\0\0\4\0\0\0\0\0\0", 13);
  EXPECT_EQ(failure(header() + flags_4), "bad binary format (corrupted chunk)");
  const std::string kind_7("\0\1\0\0\0\0\0\0\0\1\7\0\0\0", 14);
  EXPECT_EQ(failure(header() + kind_7), "bad binary format (corrupted chunk)");
  const std::string from_2("\0\1\0\0\0\0\0\0\0\0\1\2\0\0\0\0", 16);
  EXPECT_EQ(failure(header() + from_2), "bad binary format (corrupted chunk)");
  // Lines of no words would have a second form.
  const std::string lines_of_nothing("\0\1\0\0\0\0\2\0\0\0\0\0\0", 13);
  EXPECT_EQ(failure(header() + lines_of_nothing), "bad binary format (corrupted chunk)");
}

TEST(BinaryChunk, FlippedBitsAreHarmless) {
  const std::string good = dump(make_full_chunk(), Strip::No);
  std::mt19937 random(20250101);
  int refused = 0, rejected = 0, accepted = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes = good;
    for (unsigned flips = 1 + random() % 3; flips > 0; --flips) {
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    }
    const auto chunk = undump(bytes);
    if (!chunk) {
      ++refused;
      EXPECT_TRUE(chunk.error().starts_with("bad binary format ("));
      continue;
    }
    EXPECT_NE(disassemble(*chunk), "");
    if (!verify(*chunk)) {
      ++rejected;
      continue;
    }
    ++accepted;
    const std::string again = dump(*chunk, Strip::No);
    EXPECT_EQ(dump(*undump(again), Strip::No), again);
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(rejected, 0);
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace moonlet::bytecode
