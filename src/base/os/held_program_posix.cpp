#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <optional>
#include <utility>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os/file.hpp"
#include "base/os/held_program.hpp"
#include "base/os/shell_posix.hpp"

namespace moonlet::base::os {
namespace {

using Clock = std::chrono::steady_clock;

class PosixHeldProgram final : public HeldProgram {
 public:
  explicit PosixHeldProgram(std::int64_t timeout_ms) : timeout_ms_(timeout_ms) {}

  ~PosixHeldProgram() override {
    PipeEnds::close_end(input_.write);
    if (process_ != 0) static_cast<void>(wait_for_end(Clock::now()));
    if (errors_ >= 0) close_file(errors_);
  }

  // Nothing: it is ready.
  std::optional<CommandResult> begin(const CommandRequest& request) {
    CommandResult result;
    // What it says may come at any time, when nobody listens: it goes to a file.
    const auto errors = open_temporary_file();
    if (!errors) return not_started(errors.error());
    errors_ = *errors;
    if (!input_.open() || !output_.open()) return not_started(errno);
    const int error = start_shell(request, input_.read, output_.write, errors_, process_);
    if (error != 0) {
      process_ = 0;
      return not_started(error);
    }
    PipeEnds::close_end(input_.read);
    PipeEnds::close_end(output_.write);
    const Clock::time_point started = Clock::now();
    if (reads_line(started, result.output)) return std::nullopt;
    PipeEnds::close_end(input_.write);
    if (wait_for_end(started)) {
      note_end(status_, result);
    } else {
      result.kind = CommandResult::Kind::TimedOut;
    }
    result.errors = what_it_said();
    return result;
  }

  bool is_running() override {
    if (process_ != 0 && has_process_ended(process_, status_, WNOHANG)) process_ = 0;
    return process_ != 0;
  }

 private:
  static CommandResult not_started(int error) {
    return {CommandResult::Kind::NotStarted, error, {}, {}};
  }

  int milliseconds_left(Clock::time_point since) const {
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since).count();
    return static_cast<int>(std::clamp<std::int64_t>(timeout_ms_ - passed, 0, INT_MAX));
  }

  // False: it has closed its output, or is out of time.
  bool reads_line(Clock::time_point started, std::string& line) {
    for (;;) {
      pollfd wait = {output_.read, POLLIN, 0};
      const int left = milliseconds_left(started);
      if (left == 0) return false;
      if (poll(&wait, 1, left) <= 0) continue;
      char byte;
      const ssize_t count = read(output_.read, &byte, 1);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      if (byte == '\n') return true;
      line += byte;
    }
  }

  // False: it had to be killed.
  bool wait_for_end(Clock::time_point since) {
    constexpr std::int64_t kPauseUsMax = 10'000;
    for (std::int64_t pause_us = 50; !has_process_ended(process_, status_, WNOHANG);
         pause_us = std::min(pause_us * 2, kPauseUsMax)) {
      if (milliseconds_left(since) == 0) {
        kill(-process_, SIGKILL);
        has_process_ended(process_, status_, 0);
        process_ = 0;
        return false;
      }
      usleep(static_cast<useconds_t>(pause_us));
    }
    process_ = 0;
    return true;
  }

  std::string what_it_said() const {
    constexpr std::size_t kShownMax = 2000;
    std::string text(kShownMax, '\0');
    if (!seek_file(errors_, 0, SeekFrom::Start)) return {};
    text.resize(read_file(errors_, text.data(), text.size()).value_or(0));
    return text;
  }

  const std::int64_t timeout_ms_;
  PipeEnds input_;
  PipeEnds output_;
  Descriptor errors_ = -1;
  pid_t process_ = 0;  // 0: it has ended
  int status_ = 0;
};

}  // namespace

std::expected<std::unique_ptr<HeldProgram>, CommandResult> HeldProgram::start(
    const CommandRequest& request) {
  auto program = std::make_unique<PosixHeldProgram>(request.timeout_ms);
  if (auto failed = program->begin(request)) return std::unexpected(std::move(*failed));
  return program;
}

}  // namespace moonlet::base::os
