#include "moonlet/runtime/job.hpp"

namespace moonlet::runtime {

const char* text_of(JobEnd end) {
  switch (end) {
    case JobEnd::Value:
      return "value";
    case JobEnd::ScriptError:
      return "script error";
    case JobEnd::TimedOut:
      return "timed out";
    case JobEnd::NoState:
      return "no state in time";
    case JobEnd::Cancelled:
      return "cancelled";
    case JobEnd::Limit:
      return "limit hit";
    case JobEnd::Rejected:
      return "rejected";
    case JobEnd::WorkerGone:
      return "worker gone";
  }
  return "";
}

const char* text_of(Rejection rejection) {
  switch (rejection) {
    case Rejection::QueueFull:
      return "the queue is full";
    case Rejection::ShuttingDown:
      return "the runner is shutting down";
    case Rejection::NoSuchState:
      return "nothing is pinned under this name";
    case Rejection::NotRunnable:
      return "it cannot be run";
  }
  return "";
}

}  // namespace moonlet::runtime
