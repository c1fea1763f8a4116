// The world of a Vm that has none: the library's preludes, a look at names, tests.
#pragma once

#include <string>
#include <string_view>

#include "vm/host.hpp"

namespace moonlet::vm {

class NoHost final : public Host {
 public:
  void write(std::string_view) override {}
  void warn(std::string_view, bool) override {}
  std::int64_t time_seconds() override { return 0; }
  double clock_seconds() override { return 0; }
  std::uint64_t entropy() override { return 0; }
  bool read_file(std::string_view, std::string&, std::string& message) override {
    message = "no files here";
    return false;
  }
};

}  // namespace moonlet::vm
