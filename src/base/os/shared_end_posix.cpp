#include "base/os/shared_end_posix.hpp"

#include <array>
#include <atomic>
#include <csignal>

#include "base/os/subprocess.hpp"

namespace moonlet::base::os {

namespace {

// Of the process, as signals are. 0: a free place.
constexpr std::size_t kGroupsMax = 1024;
std::array<std::atomic<pid_t>, kGroupsMax> groups;
static_assert(std::atomic<pid_t>::is_always_lock_free, "a signal handler reads them");

void pass_on(int signal) {
  for (const std::atomic<pid_t>& group : groups) {
    if (const pid_t id = group.load(); id > 0) kill(-id, signal);
  }
  raise(signal);  // Its default is back, and comes when this has returned.
}

}  // namespace

SharedEnd::SharedEnd(pid_t group) : slot_(0) {
  for (; slot_ < kGroupsMax; ++slot_) {
    pid_t none = 0;
    if (groups[slot_].compare_exchange_strong(none, group)) return;
  }
}

SharedEnd::~SharedEnd() {
  if (slot_ < kGroupsMax) groups[slot_].store(0);
}

void end_programs_with_us() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_DFL) continue;
    action = {};
    action.sa_handler = pass_on;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace moonlet::base::os
