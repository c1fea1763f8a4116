#include <gtest/gtest.h>

#include "project/attempt.hpp"

namespace moonlet::project {
namespace {

// The id of a Command is as foreign as the state that it comes from.
TEST(HttpAttempt, NoIdOfSeveralLinesGetsToCurl) {
  HostFunction function;
  function.name = "f";
  const HttpRequest request{"http://127.0.0.1:1/", "POST", {}};
  for (const std::string& id :
       {std::string("a\nurl = file:///x"), std::string("a\r"), std::string("a\0b", 3)}) {
    const Attempt attempt = run_http_request(function, request, {"f", Value(1), id}, {});
    ASSERT_FALSE(attempt.answer);
    EXPECT_TRUE(attempt.is_final);
    EXPECT_EQ(attempt.answer.error(), "f: the Command's id has several lines");
  }
}

}  // namespace
}  // namespace moonlet::project
