#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os/hand_over.hpp"

extern char** environ;

namespace moonlet::base::os {
namespace {

// Behind the standard files, in the program that is started.
constexpr int kGiven = 3;
constexpr int kLeft = 4;
// Our ends of pipes lie above those, so that none is taken for another.
constexpr int kFirstOwn = 10;

int move_up(int end) {
  const int moved = fcntl(end, F_DUPFD_CLOEXEC, kFirstOwn);
  const int error = errno;
  close(end);
  errno = error;
  return moved;
}

struct Ends {
  int read = -1;
  int write = -1;

  bool open() {
    int ends[2];
    if (pipe(ends) != 0) return false;
    read = move_up(ends[0]);
    write = move_up(ends[1]);
    return read >= 0 && write >= 0;
  }
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
  ~Ends() {
    close_end(read);
    close_end(write);
  }
};

// Ours are ignored while somebody else runs, the default there.
class IgnoredSignals {
 public:
  IgnoredSignals() {
    for (std::size_t n = 0; n < kCount; ++n) old_[n] = std::signal(kSignals[n], SIG_IGN);
  }
  ~IgnoredSignals() {
    for (std::size_t n = 0; n < kCount; ++n) std::signal(kSignals[n], old_[n]);
  }
  IgnoredSignals(const IgnoredSignals&) = delete;
  IgnoredSignals& operator=(const IgnoredSignals&) = delete;

  static void add_to(sigset_t& set) {
    for (const int signal : kSignals) sigaddset(&set, signal);
  }

 private:
  static constexpr int kSignals[] = {SIGINT, SIGQUIT, SIGPIPE};
  static constexpr std::size_t kCount = std::size(kSignals);
  void (*old_[kCount])(int);
};

int start(const std::string& program, const std::vector<std::string>& words, const Ends& given,
          const Ends& left, pid_t& process) {
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  sigset_t defaults;
  sigemptyset(&defaults);
  IgnoredSignals::add_to(defaults);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, given.read, kGiven);
  posix_spawn_file_actions_adddup2(&actions, left.write, kLeft);
  const int error =
      posix_spawn(&process, program.c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error;
}

Result<std::string> read_to_end(int file) {
  std::string contents;
  char buffer[16384];
  for (;;) {
    const Result<std::size_t> count = read_file(file, buffer, sizeof buffer);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return contents;
    contents.append(buffer, *count);
  }
}

ExitStatus wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) return {ExitStatus::Kind::NotStarted, errno};
  }
  if (WIFSIGNALED(status)) return {ExitStatus::Kind::Signaled, WTERMSIG(status)};
  return {ExitStatus::Kind::Exited, WEXITSTATUS(status)};
}

}  // namespace

std::string own_program(const std::string& called_as) {
  for (const char* link : {"/proc/self/exe", "/proc/curproc/file"}) {
    char path[4096];
    const ssize_t size = readlink(link, path, sizeof path);
    if (size > 0 && size < static_cast<ssize_t>(sizeof path)) {
      return {path, static_cast<std::size_t>(size)};
    }
  }
  if (called_as.find('/') != std::string::npos) return called_as;
  const std::string path = environment_variable("PATH").value_or("");
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string candidate = path.substr(begin, end - begin) + "/" + called_as;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return called_as;
}

HandOver run_with_hand_over(const std::string& program, const std::vector<std::string>& words,
                            std::string_view given) {
  Ends to;
  Ends from;
  pid_t process = 0;
  if (!to.open() || !from.open()) return {{ExitStatus::Kind::NotStarted, errno}, {}};
  const IgnoredSignals ignored;
  if (const int error = start(program, words, to, from, process); error != 0) {
    return {{ExitStatus::Kind::NotStarted, error}, {}};
  }
  Ends::close_end(to.read);
  Ends::close_end(from.write);
  // It reads all before it does anything. One that does not has ended, and says so by its status.
  static_cast<void>(write_file(to.write, given.data(), given.size()));
  Ends::close_end(to.write);
  const Result<std::string> left = read_to_end(from.read);
  return {wait_for(process), left.value_or("")};
}

Result<std::string> receive_hand_over() {
  fcntl(kLeft, F_SETFD, FD_CLOEXEC);
  auto given = read_to_end(kGiven);
  close(kGiven);
  return given;
}

int leave_hand_over(std::string_view left) {
  const int error = write_file(kLeft, left.data(), left.size());
  return close(kLeft) != 0 && error == 0 ? errno : error;
}

}  // namespace moonlet::base::os
