// Staying with a process until it ends: `run`, `exec` and `restore` without --detach.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::runtime {

// Blocks the signals that a supervisor forwards. Made before the process, so that none is lost or
// kills the runtime half-way.
class SignalForwarding {
 public:
  static Result<SignalForwarding> start();
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

// Forwards signals and copies the terminal (an empty `console_master` is none) until `child`, a
// child of this process, has ended and is reaped. Gives what a shell would call its status: 128 +
// signal when one killed it. Other children that end meanwhile (adopted orphans) are reaped as
// well.
Result<int> supervise(const SignalForwarding& signals, HostPid child, UniqueFd console_master);

}  // namespace stasis::runtime
