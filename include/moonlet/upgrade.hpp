// What Vm::upgrade() answers. The rules by which functions are found again: docs/upgrade.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace moonlet {

struct UpgradeReport {
  std::uint64_t functions = 0;  // that have other code now
  // What the newer image's main chunks define and the older one's did not: "order.cancel",
  // "_G.helper", "order/limit" for a variable.
  std::vector<std::string> added;
};

// One thing that stands against it.
struct UpgradeProblem {
  // A function ("order/M.process/step"), a function of the library ("string.pack"), or the place of
  // a coroutine ("globals.worker").
  std::string path;
  std::string reason;  // for people: "it captures 'limit', of which the Vm has several"
  friend bool operator==(const UpgradeProblem&, const UpgradeProblem&) = default;
};

// The Vm is as it was.
struct UpgradeRefusal {
  std::string message;  // for people, one line
  // All there are. None: the Vm is in a call, was killed, has no memory, or the images cannot be
  // compared.
  std::vector<UpgradeProblem> problems;
};

}  // namespace moonlet
