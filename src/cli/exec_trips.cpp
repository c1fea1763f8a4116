#include "cli/exec_trips.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <csignal>
#include <cstdio>

#include "base/os/hand_over.hpp"

namespace moonlet::cli {

namespace os = base::os;

void TripReport::add_trip(std::uint64_t size) {
  ++trips;
  bytes += size;
  bytes_max = std::max(bytes_max, size);
}

void TripReport::print() const {
  std::uint64_t refused = 0;
  for (const auto& [reason, count] : refusals) refused += count;
  std::fprintf(stderr,
               "safepoints %llu, trips %llu, bytes %llu (largest state %llu), refusals %llu\n",
               static_cast<unsigned long long>(safepoints), static_cast<unsigned long long>(trips),
               static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(bytes_max),
               static_cast<unsigned long long>(refused));
  for (const auto& [reason, count] : refusals) {
    std::fprintf(stderr, "  refused %llu times: %s\n", static_cast<unsigned long long>(count),
                 reason.c_str());
  }
}

// ---- Luggage as bytes: each part is its length, a colon, and so many bytes.

namespace {

class Packer {
 public:
  void text(std::string_view part) {
    bytes += std::to_string(part.size()) + ":";
    bytes += part;
  }
  void number(std::uint64_t part) { text(std::to_string(part)); }

  std::string bytes;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : left_(bytes) {}

  std::string text() {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), size);
    const auto digits = static_cast<std::size_t>(end - left_.data());
    is_ok_ = is_ok_ && error == std::errc() && digits < left_.size() && left_[digits] == ':' &&
             size <= left_.size() - digits - 1;
    if (!is_ok_) return {};
    const std::string part(left_.substr(digits + 1, size));
    left_.remove_prefix(digits + 1 + size);
    return part;
  }
  std::uint64_t number() {
    const std::string part = text();
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), n);
    is_ok_ = is_ok_ && error == std::errc() && end == part.data() + part.size();
    return n;
  }
  bool is_ok() const { return is_ok_; }
  bool has_ended() const { return left_.empty(); }

 private:
  std::string_view left_;
  bool is_ok_ = true;
};

}  // namespace

std::string pack(const Luggage& luggage) {
  Packer out;
  out.text(luggage.state);
  out.text(luggage.unread_input);
  out.number(std::bit_cast<std::uint64_t>(luggage.clock_seconds));
  out.number(static_cast<std::uint32_t>(luggage.code));
  out.number(luggage.is_closing ? 1 : 0);
  out.number(luggage.has_ended ? 1 : 0);
  const TripReport& report = luggage.report;
  for (const std::uint64_t n : {report.safepoints, report.trips, report.bytes, report.bytes_max}) {
    out.number(n);
  }
  for (const auto& [reason, count] : report.refusals) {
    out.text(reason);
    out.number(count);
  }
  return std::move(out.bytes);
}

std::optional<Luggage> unpack(std::string_view bytes) {
  Unpacker in(bytes);
  Luggage luggage;
  luggage.state = in.text();
  luggage.unread_input = in.text();
  luggage.clock_seconds = std::bit_cast<double>(in.number());
  luggage.code = static_cast<int>(in.number());
  luggage.is_closing = in.number() != 0;
  luggage.has_ended = in.number() != 0;
  TripReport& report = luggage.report;
  for (std::uint64_t* n : {&report.safepoints, &report.trips, &report.bytes, &report.bytes_max}) {
    *n = in.number();
  }
  while (in.is_ok() && !in.has_ended()) {
    const std::string reason = in.text();
    report.refusals[reason] = in.number();
  }
  if (!in.is_ok()) return std::nullopt;
  return luggage;
}

// ---- The process that watches.

int run_in_processes(const ExecOptions& options) {
  const std::string program = os::own_program(options.words[0]);
  std::vector<std::string> words = {options.words[0], std::string(kNextProcess)};
  words.insert(words.end(), options.words.begin(), options.words.end());
  Luggage luggage;
  while (!luggage.has_ended) {
    const os::HandOver done = os::run_with_hand_over(program, words, pack(luggage));
    const std::uint64_t number = luggage.report.trips + 1;
    const auto fail = [&](const std::string& what) {
      std::fprintf(stderr, "%s: process %llu of this program %s\n", options.program.c_str(),
                   static_cast<unsigned long long>(number), what.c_str());
      return 1;
    };
    switch (done.status.kind) {
      case os::ExitStatus::Kind::NotStarted:
        return fail("did not start: " + os::error_text(done.status.code));
      case os::ExitStatus::Kind::Signaled:
        // What the shell answers for a program that a person has ended.
        if (done.status.code == SIGINT) return 128 + SIGINT;
        return fail("ended by signal " + std::to_string(done.status.code));
      case os::ExitStatus::Kind::Exited:
        break;
    }
    auto next = unpack(done.left);
    // A process that failed before the program ran has said why.
    if (!next && done.status.code != 0) return done.status.code;
    if (!next) return fail("left nothing");
    luggage = std::move(*next);
  }
  if (options.reports_trips) luggage.report.print();
  return luggage.code;
}

}  // namespace moonlet::cli
