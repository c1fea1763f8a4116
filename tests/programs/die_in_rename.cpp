// Runs a program and ends it as a power cut would between writing a file and giving it its name: at
// its first rename. By tracing it, since a program that is linked statically cannot be interposed.
//
// usage: moonlet_die_in_rename PROGRAM ARGUMENT...    exits as the program does; 137 when it was
// ended
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Behind <sys/ptrace.h>, which it would clash with.
#include <linux/ptrace.h>

namespace {

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(126);
}

void trace(int request, pid_t child, std::uintptr_t number, void* data, const char* name) {
  const auto as_pointer = reinterpret_cast<void*>(number);
  if (ptrace(static_cast<__ptrace_request>(request), child, as_pointer, data) < 0) fail(name);
}
#define TRACE(request, child, number, data) trace(request, child, number, data, #request)

bool is_rename(std::uint64_t number) {
#ifdef SYS_rename
  if (number == SYS_rename) return true;
#endif
#ifdef SYS_renameat
  if (number == SYS_renameat) return true;
#endif
  return number == SYS_renameat2;
}

bool is_entering_rename(pid_t child) {
  __ptrace_syscall_info info{};
  TRACE(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
  return info.op == PTRACE_SYSCALL_INFO_ENTRY && is_rename(info.entry.nr);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 126;
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    TRACE(PTRACE_TRACEME, 0, 0, nullptr);
    execvp(arguments[1], arguments + 1);
    fail(arguments[1]);
  }
  int status = 0;
  if (waitpid(child, &status, 0) < 0) fail("waitpid");
  if (WIFSTOPPED(status)) {
    constexpr std::uintptr_t kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
    TRACE(PTRACE_SETOPTIONS, child, 0, reinterpret_cast<void*>(kOptions));
  }
  constexpr int kSystemCall = SIGTRAP | 0x80;
  while (WIFSTOPPED(status)) {
    const int signal = WSTOPSIG(status);
    if (signal == kSystemCall && is_entering_rename(child)) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      break;
    }
    const bool is_ours = signal == SIGTRAP || signal == kSystemCall;
    const std::uintptr_t passed_on = is_ours ? 0 : static_cast<std::uintptr_t>(signal);
    TRACE(PTRACE_SYSCALL, child, 0, reinterpret_cast<void*>(passed_on));
    if (waitpid(child, &status, 0) < 0) fail("waitpid");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
