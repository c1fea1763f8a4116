#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os/process.hpp"

extern char** environ;

namespace moonlet::base::os {
namespace {

ExitStatus status_of(int status) {
  if (WIFSIGNALED(status)) return {ExitStatus::Kind::Signaled, WTERMSIG(status)};
  return {ExitStatus::Kind::Exited, WEXITSTATUS(status)};
}

ExitStatus not_started(int error) { return {ExitStatus::Kind::NotStarted, error}; }

}  // namespace

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

ExitStatus run_command(const std::string& command) {
  errno = 0;
  const int status = std::system(command.c_str());
  return status == -1 ? not_started(errno) : status_of(status);
}

bool has_shell() { return std::system(nullptr) != 0; }

Result<Pipe> open_pipe(const std::string& command, PipeDirection direction) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(errno);
  const bool reads = direction == PipeDirection::FromCommand;
  const int ours = reads ? ends[0] : ends[1];
  const int theirs = reads ? ends[1] : ends[0];
  const int place = reads ? STDOUT_FILENO : STDIN_FILENO;

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs, place);
  char shell[] = "sh";
  char option[] = "-c";
  std::string text = command;
  char* arguments[] = {shell, option, text.data(), nullptr};
  pid_t process = 0;
  const int error = posix_spawn(&process, "/bin/sh", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(theirs);
  if (error != 0) {
    close(ours);
    return std::unexpected(error);
  }
  return Pipe{ours, process};
}

ExitStatus close_pipe(const Pipe& pipe) {
  const int close_error = close_file(pipe.descriptor);
  int status = 0;
  pid_t waited;
  do {
    waited = waitpid(static_cast<pid_t>(pipe.process), &status, 0);
  } while (waited < 0 && errno == EINTR);
  if (waited < 0) return not_started(errno);
  if (close_error != 0) return not_started(close_error);
  return status_of(status);
}

}  // namespace moonlet::base::os
