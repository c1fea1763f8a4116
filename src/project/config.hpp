// The configuration of a run: what the project has, with layers over it.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "project/project.hpp"

namespace moonlet::project {

// Members of objects are laid over members, at any depth; everything else replaces what is below.
// null takes a member away.
void lay_over(Value& base, const Value& layer);

// "path=value": the value as JSON, or, if it is none, as a string.
[[nodiscard]] std::expected<void, std::string> set_in(Value& config, const std::string& setting);

struct ConfigLayers {
  std::vector<std::string> overlays;  // files
  std::vector<std::string> settings;  // path=value, after the files
};
// The error names the layer, or what in the result does not fit the project's configSchema.
[[nodiscard]] std::expected<Value, std::string> layered_config(const Project& project,
                                                               const ConfigLayers& layers);
[[nodiscard]] std::expected<void, std::string> check_config(const Project& project, Value& config);

}  // namespace moonlet::project
