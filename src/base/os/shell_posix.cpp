#include "base/os/shell_posix.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace moonlet::base::os {

namespace {

bool is_replaced(const CommandRequest& request, const char* variable) {
  for (const auto& [name, value] : request.environment) {
    if (std::strncmp(variable, name.c_str(), name.size()) == 0 && variable[name.size()] == '=') {
      return true;
    }
  }
  return false;
}

}  // namespace

PipeEnds::~PipeEnds() {
  close_end(read);
  close_end(write);
}

bool PipeEnds::open() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  read = ends[0];
  write = ends[1];
  return true;
}

void PipeEnds::close_end(int& end) {
  if (end >= 0) close(end);
  end = -1;
}

int start_shell(const CommandRequest& request, int input, int output, int errors, pid_t& process) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : request.environment) variables.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  for (char** at = environ; *at != nullptr; ++at) {
    if (!is_replaced(request, *at)) environment.push_back(*at);
  }
  environment.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  if (!request.folder.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, request.folder.c_str());
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  char shell[] = "sh";
  char option[] = "-c";
  std::string text = request.command;
  char* arguments[] = {shell, option, text.data(), nullptr};
  const int error =
      posix_spawn(&process, "/bin/sh", &actions, &attributes, arguments, environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

bool has_process_ended(pid_t process, int& status, int options) {
  pid_t ended;
  do {
    ended = waitpid(process, &status, options);
  } while (ended < 0 && errno == EINTR);
  return ended != 0;
}

void note_end(int status, CommandResult& result) {
  if (WIFSIGNALED(status)) {
    result.kind = CommandResult::Kind::Signaled;
    result.code = WTERMSIG(status);
  } else {
    result.kind = CommandResult::Kind::Exited;
    result.code = WEXITSTATUS(status);
  }
}

}  // namespace moonlet::base::os
