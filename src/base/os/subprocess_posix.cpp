#include <cerrno>
#include <chrono>
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
    // A program that does not read its input is no reason to end.
    const auto old_handler = std::signal(SIGPIPE, SIG_IGN);
    const bool in_time = exchange();
    std::signal(SIGPIPE, old_handler);
    return finish(in_time);
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
    return left > 0 ? static_cast<int>(left) : 0;
  }

  // Writes the input and reads until both outputs are closed. False: out of time.
  bool exchange() {
    if (request_.input.empty()) PipeEnds::close_end(input_.write);
    while (output_.read >= 0 || errors_.read >= 0) {
      pollfd waits[] = {
          {input_.write, POLLOUT, 0}, {output_.read, POLLIN, 0}, {errors_.read, POLLIN, 0}};
      const int left = milliseconds_left();
      const int ready = left == 0 ? 0 : poll(waits, 3, left);
      if (ready == 0) return false;
      if (ready < 0 && errno != EINTR) return false;
      if (ready < 0) continue;
      if (waits[0].revents != 0) write_some();
      if (waits[1].revents != 0) read_some(output_.read, result_.output);
      if (waits[2].revents != 0) read_some(errors_.read, result_.errors);
    }
    return true;
  }

  void write_some() {
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

  CommandResult finish(bool in_time) {
    if (!in_time) kill(-process_, SIGKILL);
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    if (!in_time) {
      result_.kind = CommandResult::Kind::TimedOut;
    } else if (WIFSIGNALED(status)) {
      result_.kind = CommandResult::Kind::Signaled;
      result_.code = WTERMSIG(status);
    } else {
      result_.kind = CommandResult::Kind::Exited;
      result_.code = WEXITSTATUS(status);
    }
    return std::move(result_);
  }

  const CommandRequest& request_;
  const Clock::time_point started_ = Clock::now();
  PipeEnds input_;
  PipeEnds output_;
  PipeEnds errors_;
  pid_t process_ = 0;
  std::size_t written_ = 0;
  CommandResult result_;
};

}  // namespace

CommandResult run_with_input(const CommandRequest& request) { return Subprocess(request).run(); }

}  // namespace moonlet::base::os
