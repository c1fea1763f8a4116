// Long work done in pieces by code that knows nothing of it, but counts as it goes.
#pragma once

#include "base/check.hpp"

namespace moonlet::base {

class Pace {
 public:
  // pause_work(context) comes back when there is to be another piece.
  Pace(int units, void (*pause_work)(void* context), void* context)
      : units_(units), left_(units), pause_(pause_work), context_(context) {}

  // A unit is some hundreds of the processor's instructions.
  void spend(int units = 1) {
    if (ML_UNLIKELY((left_ -= units) < 0)) pause();
  }
  // What comes next is a piece of its own.
  void end_piece() { pause(); }
  // The result is not wanted any more. From here on there are no pauses.
  void cancel() { is_cancelled_ = true; }
  bool is_cancelled() const { return is_cancelled_; }

 private:
  ML_COLD void pause() {
    left_ = units_;
    if (!is_cancelled_) pause_(context_);
  }

  int units_;
  int left_;
  void (*pause_)(void* context);
  void* context_;
  bool is_cancelled_ = false;
};

}  // namespace moonlet::base
