// Moves a Vm without frames to a newer image (docs/upgrade.md): its objects stay what they are, its
// functions become those of the newer image, and what the newer image's main chunks define and the
// older one's did not comes along.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "image/state.hpp"
#include "image/template.hpp"

namespace moonlet::image {

struct UpgradeProblem {
  std::string path;
  std::string reason;
};

class Upgrade {
 public:
  // The Vm is collected in full. Everything has to outlive the upgrade, and the Vm may not run
  // meanwhile. `modules` is the field of the registry in which both have what main chunks returned.
  // REQUIRES: the main thread has no frames.
  Upgrade(vm::Vm& vm, const BaseObjects& base, const Template& older, const Template& newer,
          std::string_view modules);
  ~Upgrade();
  Upgrade(const Upgrade&) = delete;
  Upgrade& operator=(const Upgrade&) = delete;

  // All that stands against it.
  const std::vector<UpgradeProblem>& problems() const;
  // Functions that move, and the names of what the newer image adds.
  std::size_t function_count() const;
  const std::vector<std::string>& added() const;

  // Makes a bare Vm what the Vm is to become; that one stays as it is. The error is lack of memory,
  // or names what cannot be frozen. REQUIRES: no problems.
  [[nodiscard]] std::expected<void, std::string> move_into(vm::Vm& fresh);

 private:
  class Plan;
  vm::Vm& vm_;
  const BaseObjects& base_;
  const Template& newer_;
  std::unique_ptr<Plan> plan_;
};

}  // namespace moonlet::image
