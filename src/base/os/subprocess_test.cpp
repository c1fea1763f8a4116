#include "base/os/subprocess.hpp"

#include "gtest/gtest.h"

namespace moonlet::base::os {
namespace {

using Kind = CommandResult::Kind;

CommandRequest request_for(std::string command) {
  CommandRequest request;
  request.command = std::move(command);
  request.timeout_ms = 20'000;
  return request;
}

TEST(Subprocess, AnswersWithWhatItWrites) {
  CommandRequest request = request_for("cat; echo \"$NAME\" >&2; exit 3");
  request.input = std::string(300'000, 'x');
  request.environment = {{"NAME", "value"}};
  const CommandResult result = run_with_input(request);
  EXPECT_EQ(result.kind, Kind::Exited);
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.output, request.input);
  EXPECT_EQ(result.errors, "value\n");
}

TEST(Subprocess, EndlessOutputEnds) {
  for (const char* command : {"yes", "yes >&2"}) {
    CommandRequest request = request_for(command);
    request.output_bytes_max = 100'000;
    const CommandResult result = run_with_input(request);
    EXPECT_EQ(result.kind, Kind::TooLong) << command;
    EXPECT_LT(result.output.size() + result.errors.size(), 200'000u);
  }
}

TEST(Subprocess, ItsTimeCountsAfterItHasClosedItsOutputs) {
  CommandRequest request = request_for("exec >&- 2>&-; sleep 60");
  request.timeout_ms = 100;
  EXPECT_EQ(run_with_input(request).kind, Kind::TimedOut);
  request = request_for("echo early; exec >&- 2>&-; sleep 0.1; exit 4");
  const CommandResult result = run_with_input(request);
  EXPECT_EQ(result.kind, Kind::Exited);
  EXPECT_EQ(result.code, 4);
  EXPECT_EQ(result.output, "early\n");
}

TEST(Subprocess, LongTimesAreNotShortOnes) {
  CommandRequest request = request_for("sleep 0.1");
  request.timeout_ms = (std::int64_t{1} << 32) + 1;
  EXPECT_EQ(run_with_input(request).kind, Kind::Exited);
}

}  // namespace
}  // namespace moonlet::base::os
