#include "project/nearest_name.hpp"

#include <gtest/gtest.h>

namespace moonlet::project {
namespace {

TEST(NearestName, FindsWhatWasMeant) {
  const std::vector<std::string> names = {"timeout", "exec", "retry", "maxBackoff"};
  EXPECT_EQ(nearest_name("timout", names), "timeout");
  EXPECT_EQ(nearest_name("tiemout", names), "timeout");
  EXPECT_EQ(nearest_name("Exec", names), "exec");
  EXPECT_EQ(nearest_name("max_backoff", names), "maxBackoff");
}

TEST(NearestName, DoesNotGuessWildly) {
  EXPECT_EQ(nearest_name("c", {"a", "b"}), "");
  EXPECT_EQ(nearest_name("colour", {"timeout", "exec"}), "");
  EXPECT_EQ(nearest_name("", {"a"}), "");
  EXPECT_EQ(nearest_name(std::string(100, 'a'), {std::string(99, 'a')}), "");
}

TEST(NearestName, HintListsWhatThereIs) {
  EXPECT_EQ(hint_for("colour", {}), "");
  EXPECT_EQ(hint_for("colour", {"exec"}), "; there is only exec");
  EXPECT_EQ(hint_for("colour", {"exec", "timeout"}), "; there are exec timeout");
  EXPECT_EQ(hint_for("exce", {"exec", "timeout"}), "; did you mean exec?");
}

}  // namespace
}  // namespace moonlet::project
