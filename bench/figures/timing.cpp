#include "bench/figures/timing.hpp"

#include <cstdio>
#include <fstream>

#include <unistd.h>

namespace figures {

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::string unit;
  for (std::size_t kilobytes = 0; file >> name >> kilobytes >> unit;) {
    if (name == "MemAvailable:") return kilobytes * 1024;
  }
  return std::size_t{1} << 30;
}

std::string show_time(double seconds) {
  const struct {
    double unit;
    const char* name;
  } kUnits[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {0, "ns"}};
  for (const auto& [unit, name] : kUnits) {
    if (seconds < unit) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.3g %s", seconds / (unit > 0 ? unit : 1e-9), name);
    return text;
  }
  return "?";
}

std::string show_bytes(double bytes) {
  char text[32];
  if (bytes < 100'000) {
    std::snprintf(text, sizeof text, "%.0f B", bytes);
  } else if (bytes < 1e8) {
    std::snprintf(text, sizeof text, "%.0f KB", bytes / 1e3);
  } else {
    std::snprintf(text, sizeof text, "%.2f GB", bytes / 1e9);
  }
  return text;
}

}  // namespace figures
