// Starting programs by the shell, for the files of this folder that talk to them.
#pragma once

#include <sys/types.h>

#include "base/os/subprocess.hpp"

namespace moonlet::base::os {

// Both ends of a pipe, closed when it goes.
struct PipeEnds {
  int read = -1;
  int write = -1;
  PipeEnds() = default;
  PipeEnds(const PipeEnds&) = delete;
  PipeEnds& operator=(const PipeEnds&) = delete;
  ~PipeEnds();
  // Programs do not inherit them. False: errno says why.
  bool open();
  static void close_end(int& end);
};

// In a group of its own, so that what it starts can be killed with it. 0, or an error number.
int start_shell(const CommandRequest& request, int input, int output, int errors, pid_t& process);

// Asks for the end of a process as waitpid() does. True: `status` is its end.
bool has_process_ended(pid_t process, int& status, int options);

// Of a process that ended by itself.
void note_end(int status, CommandResult& result);

}  // namespace moonlet::base::os
