// A helper process that cleans up after this one when it is killed in the middle of a restore,
// which nothing in this process could: SIGKILL runs no destructor.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroup/container_cgroup.h"
#include "oci/state.h"

namespace stasis::runtime {

// Announce each thing just before it is made: what does not exist is passed over in the clean-up.
// A name that another container may have by the time it would be made is `reserve`d: taken as this
// one's only when it does not exist yet (cgroups), or is nobody's (state).
// The helper is a child of this process; it ends when dismissed, or after cleaning up when this
// process has ended (or destroyed this object) without that.
class Guardian {
 public:
  static Result<Guardian> start();

  Result<void> reserve_state(const std::string& path) const;
  Result<void> watch_state(const std::string& path) const;
  Result<void> watch_file(const std::string& path) const;
  Result<void> reserve_cgroup(const cgroup::CgroupRecord& record) const;
  Result<void> watch_cgroup(const cgroup::CgroupRecord& record) const;
  Result<void> reserve_resctrl(const oci::ResctrlGroup& group) const;
  // All is complete, or undone already.
  void dismiss();
  // For other children of this process: forgets the pipe, whose end the helper waits for.
  void abandon() { pipe_.reset(); }

 private:
  explicit Guardian(UniqueFd pipe) : pipe_(std::move(pipe)) {}
  UniqueFd pipe_;
};

}  // namespace stasis::runtime
