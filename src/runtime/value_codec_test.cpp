#include "runtime/value_codec.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "runtime/program_state.hpp"

namespace moonlet::runtime {
namespace {

TEST(ValueCodec, ReadsWhatItWrote) {
  const Value values[] = {
      Value(),
      true,
      false,
      0,
      23,
      24,
      -1,
      -25,
      std::numeric_limits<std::int64_t>::min(),
      std::numeric_limits<std::int64_t>::max(),
      -0.0,
      1.5,
      std::string("a\0b\xff", 4),
      std::string(70'000, 'x'),
      Value::Array{1, Value(), Value(Value::Array{})},
      Value::Object{{"b", 1}, {"a", Value::Object{}}},
      Value::Map{{true, 1}, {-7, "x"}, {0.5, Value::Array{2}}},
  };
  for (const Value& value : values) {
    ValueWriter out;
    ASSERT_TRUE(out.value(value));
    const std::string bytes = out.take();
    ValueReader in(bytes);
    EXPECT_EQ(in.value(), value);
    EXPECT_TRUE(in.ok() && in.at_end());
    for (std::size_t size = 0; size < bytes.size() && size < 100; ++size) {
      ValueReader cut(std::string_view(bytes).substr(0, size));
      static_cast<void>(cut.value());
      EXPECT_FALSE(cut.ok());
    }
  }
}

TEST(ValueCodec, HostileBytesCostNothing) {
  for (const std::string_view bytes : {
           std::string_view("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9),  // a huge list
           std::string_view("\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 9),  // a huge string
           std::string_view("\xd9\x9d\xd0\x81\x00", 5),                  // half a pair
           std::string_view("\xd9\x9d\xd1\x82\xf6\x00", 6),              // nil as a key
           std::string_view("\xff", 1),
           std::string_view("\x1c", 1),
       }) {
    ValueReader in(bytes);
    static_cast<void>(in.value());
    EXPECT_FALSE(in.ok());
  }
  const std::string lists(100'000, '\x81');
  ValueReader deep(lists);
  static_cast<void>(deep.value());
  EXPECT_FALSE(deep.ok());
  Value nested;
  for (int n = 0; n < 250; ++n) {
    Value::Array list;
    list.push_back(std::move(nested));
    nested = std::move(list);
  }
  ValueWriter out;
  EXPECT_FALSE(out.value(nested));
}

TEST(ProgramState, IsReadBackOrRefused) {
  ProgramStateParts parts{"state", 17, {1, "two"}};
  const std::string bytes = *write_program_state(parts);
  const auto read = read_program_state(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->vm, "state");
  EXPECT_EQ(read->remaining_ns, 17);
  EXPECT_EQ(read->mailbox, parts.mailbox);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(read_program_state(std::string_view(bytes).substr(0, n)));
  }
  EXPECT_FALSE(read_program_state(bytes + "x"));
  EXPECT_EQ(read_program_state("").error(), "this is no saved program");
}

}  // namespace
}  // namespace moonlet::runtime
