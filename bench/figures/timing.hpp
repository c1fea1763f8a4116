// How the figures are measured: medians of batches, and what /proc says about memory.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace figures {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Seconds of one operation: the median of several batches, with the extremes.
struct Timing {
  double median = 0;
  double least = 0;
  double most = 0;
};

inline Timing summarise(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

// The value that only (1 - part) of all values exceed.
inline double percentile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  const auto index = static_cast<std::size_t>(part * static_cast<double>(values.size()));
  return values[std::min(index, values.size() - 1)];
}

// Calls batch(count), which gives the seconds of `count` operations, with a count that takes about
// a fiftieth of a second. The first batch warms up and is not counted.
template <typename Batch>
Timing time_batches(Batch batch, std::size_t count_max = 20'000) {
  const double once = std::max(batch(1), 1e-9);
  const double wanted = 0.02 / once;
  const std::size_t count = std::clamp<std::size_t>(static_cast<std::size_t>(wanted), 1, count_max);
  static_cast<void>(batch(count));
  std::vector<double> each;
  for (int i = 0; i < 9; ++i) each.push_back(batch(count) / static_cast<double>(count));
  return summarise(std::move(each));
}

// Bytes of this process that are in memory now (/proc/self/statm).
std::size_t resident_bytes();
// Bytes that the machine could still give (/proc/meminfo).
std::size_t available_bytes();

// "12.3 us", "4.50 ms".
std::string show_time(double seconds);
std::string show_bytes(double bytes);

}  // namespace figures
