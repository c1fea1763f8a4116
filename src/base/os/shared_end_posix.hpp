// Groups of processes that a signal to us reaches, too.
#pragma once

#include <cstddef>

#include <sys/types.h>

namespace moonlet::base::os {

// While it exists, a signal that ends this process is passed on to the group, once
// end_programs_with_us() (subprocess.hpp) has been called. Of more than 1024 at once the rest is
// not reached.
class SharedEnd {
 public:
  explicit SharedEnd(pid_t group);
  ~SharedEnd();
  SharedEnd(const SharedEnd&) = delete;
  SharedEnd& operator=(const SharedEnd&) = delete;

 private:
  std::size_t slot_;
};

}  // namespace moonlet::base::os
