#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os/subprocess.hpp"

extern char** environ;

namespace moonlet::base::os {
namespace {

using Clock = std::chrono::steady_clock;

// Both ends of a pipe, closed when it goes.
struct PipeEnds {
  int read = -1;
  int write = -1;
  ~PipeEnds() {
    close_end(read);
    close_end(write);
  }
  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

class Subprocess {
 public:
  explicit Subprocess(const CommandRequest& request) : request_(request) {}

  CommandResult run() {
    if (!input_.open() || !output_.open() || !errors_.open()) return not_started(errno);
    if (const int error = start(); error != 0) return not_started(error);
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

  int start() {
    std::vector<std::string> variables;
    for (const auto& [name, value] : request_.environment) variables.push_back(name + "=" + value);
    std::vector<char*> environment;
    for (std::string& variable : variables) environment.push_back(variable.data());
    for (char** at = environ; *at != nullptr; ++at) {
      if (!is_replaced(*at)) environment.push_back(*at);
    }
    environment.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input_.read, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output_.write, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors_.write, STDERR_FILENO);
    if (!request_.folder.empty()) {
      posix_spawn_file_actions_addchdir_np(&actions, request_.folder.c_str());
    }
    // A group of its own, so that what it starts can be killed with it.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    char shell[] = "sh";
    char option[] = "-c";
    std::string text = request_.command;
    char* arguments[] = {shell, option, text.data(), nullptr};
    const int error =
        posix_spawn(&process_, "/bin/sh", &actions, &attributes, arguments, environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }

  bool is_replaced(const char* variable) const {
    for (const auto& [name, value] : request_.environment) {
      if (std::strncmp(variable, name.c_str(), name.size()) == 0 && variable[name.size()] == '=') {
        return true;
      }
    }
    return false;
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

  bool has_ended(int options) {
    pid_t ended;
    do {
      ended = waitpid(process_, &status_, options);
    } while (ended < 0 && errno == EINTR);
    return ended != 0;
  }

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
    } else if (WIFSIGNALED(status_)) {
      result_.kind = CommandResult::Kind::Signaled;
      result_.code = WTERMSIG(status_);
    } else {
      result_.kind = CommandResult::Kind::Exited;
      result_.code = WEXITSTATUS(status_);
    }
    return std::move(result_);
  }

  const CommandRequest& request_;
  const Clock::time_point started_ = Clock::now();
  PipeEnds input_;
  PipeEnds output_;
  PipeEnds errors_;
  pid_t process_ = 0;
  int status_ = 0;
  std::size_t written_ = 0;
  CommandResult result_;
};

}  // namespace

CommandResult run_with_input(const CommandRequest& request) { return Subprocess(request).run(); }

}  // namespace moonlet::base::os
