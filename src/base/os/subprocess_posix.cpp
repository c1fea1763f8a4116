#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os/shared_end_posix.hpp"
#include "base/os/shell_posix.hpp"

namespace moonlet::base::os {
namespace {

using Clock = std::chrono::steady_clock;

class Subprocess {
 public:
  explicit Subprocess(const CommandRequest& request) : request_(request) {}

  CommandResult run() {
    if (!input_.open() || !output_.open() || !errors_.open()) return not_started(errno);
    const int error = start_shell(request_, input_.read, output_.write, errors_.write, process_);
    if (error != 0) return not_started(error);
    if (request_.ends_with_us) shared_end_.emplace(process_);
    PipeEnds::close_end(input_.read);
    PipeEnds::close_end(output_.write);
    PipeEnds::close_end(errors_.write);
    fcntl(input_.write, F_SETFL, O_NONBLOCK);
    const bool is_good = exchange() && wait_for_end();
    return finish(is_good);
  }

 private:
  static CommandResult not_started(int error) {
    return {CommandResult::Kind::NotStarted, error, {}, {}};
  }

  int milliseconds_left() const {
    if (request_.timeout_ms <= 0) return -1;
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_).count();
    const std::int64_t left = request_.timeout_ms - passed;
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
  }

  bool is_abandoned() const {
    return request_.is_abandoned != nullptr && request_.is_abandoned->load();
  }
  // How long to wait before the next look at whether it is abandoned.
  int patience(int left) const {
    constexpr int kLookMs = 20;
    if (request_.is_abandoned == nullptr) return left;
    return left < 0 ? kLookMs : std::min(left, kLookMs);
  }

  bool fail(CommandResult::Kind kind) {
    result_.kind = kind;
    return false;
  }

  // Writes the input and reads until both outputs are closed. False: out of time, or too much.
  bool exchange() {
    if (request_.input.empty()) PipeEnds::close_end(input_.write);
    while (output_.read >= 0 || errors_.read >= 0) {
      pollfd waits[] = {
          {input_.write, POLLOUT, 0}, {output_.read, POLLIN, 0}, {errors_.read, POLLIN, 0}};
      const int left = milliseconds_left();
      if (left == 0) return fail(CommandResult::Kind::TimedOut);
      if (is_abandoned()) return fail(CommandResult::Kind::Abandoned);
      const int ready = poll(waits, 3, patience(left));
      if (ready < 0 && errno != EINTR) return fail(CommandResult::Kind::TimedOut);
      if (ready <= 0) continue;
      if (waits[0].revents != 0) write_some();
      if (waits[1].revents != 0) read_some(output_.read, result_.output);
      if (waits[2].revents != 0) read_some(errors_.read, result_.errors);
      if (std::max(result_.output.size(), result_.errors.size()) > request_.output_bytes_max) {
        return fail(CommandResult::Kind::TooLong);
      }
    }
    return true;
  }

  // A program may close its outputs and go on. False: out of time.
  bool wait_for_end() {
    for (std::int64_t pause_us = 50; !has_ended(WNOHANG);
         pause_us = std::min(pause_us * 2, 10'000l)) {
      if (milliseconds_left() == 0) return fail(CommandResult::Kind::TimedOut);
      if (is_abandoned()) return fail(CommandResult::Kind::Abandoned);
      usleep(static_cast<useconds_t>(pause_us));
    }
    return true;
  }

  bool has_ended(int options) { return has_process_ended(process_, status_, options); }

  // A program that does not read its input is no reason to end: the signal of a closed pipe is
  // blocked for this thread, and taken away if there is one.
  void write_some() {
    sigset_t pipe_signal;
    sigset_t before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    write_input();
    if (sigismember(&before, SIGPIPE) == 0) {
      const timespec at_once = {0, 0};
      sigtimedwait(&pipe_signal, nullptr, &at_once);
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
  }

  void write_input() {
    const ssize_t count =
        write(input_.write, request_.input.data() + written_, request_.input.size() - written_);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count > 0) written_ += static_cast<std::size_t>(count);
    if (count < 0 || written_ == request_.input.size()) PipeEnds::close_end(input_.write);
  }

  static void read_some(int& end, std::string& to) {
    char buffer[16384];
    const ssize_t count = read(end, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) return;
    if (count <= 0) return PipeEnds::close_end(end);
    to.append(buffer, static_cast<std::size_t>(count));
  }

  CommandResult finish(bool is_good) {
    if (!is_good) {
      kill(-process_, SIGKILL);
      has_ended(0);
    } else {
      note_end(status_, result_);
    }
    return std::move(result_);
  }

  const CommandRequest& request_;
  const Clock::time_point started_ = Clock::now();
  PipeEnds input_;
  PipeEnds output_;
  PipeEnds errors_;
  pid_t process_ = 0;
  std::optional<SharedEnd> shared_end_;
  int status_ = 0;
  std::size_t written_ = 0;
  CommandResult result_;
};

}  // namespace

CommandResult run_with_input(const CommandRequest& request) { return Subprocess(request).run(); }

}  // namespace moonlet::base::os
