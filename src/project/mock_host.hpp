// The host of a scenario: answers from the mocks, and a clock that only delays move.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "project/scenario.hpp"
#include "project/session.hpp"

namespace moonlet::project {

class MockHost final : public Host, public Responder {
 public:
  explicit MockHost(const Scenario& scenario) : scenario_(scenario) {}

  // ---- Host: everything is the same each time.
  void write(std::string_view text) override { output_ += text; }
  void write_error(std::string_view text) override { output_ += text; }
  void flush() override {}
  void warn(std::string_view text, bool) override { output_ += text; }
  std::int64_t time_seconds() override;
  double clock_seconds() override { return clock_ms_ / 1000; }
  bool uses_utc() override { return true; }
  std::uint64_t entropy() override { return 0x9e3779b97f4a7c15; }

  // ---- Responder.
  std::optional<Answer> call(const HostFunction& function, const Invocation& invocation) override;
  std::optional<Ended> await(const std::vector<Asked>& asked) override;
  void abandon() override { under_way_.clear(); }
  void sleep(double seconds, double until) override;
  void log(const Command& command) override;
  void emit(const Command& command) override;

  // ---- What happened.
  struct Call {
    std::string name;
    Value payload;
  };
  struct Line {
    std::string level;
    std::string text;
  };
  const std::vector<Call>& calls() const { return calls_; }
  const std::vector<Call>& events() const { return events_; }
  const std::vector<Line>& lines() const { return lines_; }
  const std::string& output() const { return output_; }
  // Calls that there was no mock for.
  const std::vector<std::string>& failures() const { return failures_; }
  // Mocks that nobody asked for, as sentences.
  std::vector<std::string> left_over() const;

 private:
  // What a call comes to, and how long it takes.
  struct Timed {
    Answer answer;
    double ms = 0;
  };
  Timed take(const HostFunction& function, const Invocation& invocation);

  const Scenario& scenario_;
  std::map<std::string, Timed> under_way_;  // by id; `ms` on the clock
  std::map<std::string, std::size_t> used_;
  double clock_ms_ = 0;
  std::vector<Call> calls_;
  std::vector<Call> events_;
  std::vector<Line> lines_;
  std::string output_;
  std::vector<std::string> failures_;
};

}  // namespace moonlet::project
