// Runs a program and says what it took. Small itself, because the peak memory that the kernel
// reports for a process begins with that of the process that it was forked from.
//
// usage: measure OUTPUT PROGRAM [ARGUMENT...]
// Writes one line to the file OUTPUT: wall, user and system nanoseconds, peak resident KB, and the
// exit status as wait() has it.
#include <cerrno>
#include <cstdio>
#include <ctime>

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

long long now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

long long ns(const timeval& t) { return t.tv_sec * 1'000'000'000LL + t.tv_usec * 1'000LL; }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: measure OUTPUT PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  const long long start = now_ns();
  const pid_t child = fork();
  if (child < 0) {
    std::perror("fork");
    return 2;
  }
  if (child == 0) {
    execvp(argv[2], argv + 2);
    std::perror(argv[2]);
    _exit(127);
  }
  int status = 0;
  rusage usage;
  while (wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) {
      std::perror("wait4");
      return 2;
    }
  }
  const long long wall = now_ns() - start;
  std::FILE* output = std::fopen(argv[1], "w");
  if (output == nullptr) {
    std::perror(argv[1]);
    return 2;
  }
  std::fprintf(output, "%lld %lld %lld %ld %d\n", wall, ns(usage.ru_utime), ns(usage.ru_stime),
               usage.ru_maxrss, status);
  return std::fclose(output) == 0 ? 0 : 2;
}
