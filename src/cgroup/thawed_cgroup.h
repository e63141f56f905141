// A paused container that has to run for a while: its freezers are remembered, and put back.
// Not here: pausing and resuming for good (cgroup/container_cgroup.h).
#pragma once

#include <vector>

#include "base/result.h"
#include "cgroup/container_cgroup.h"

namespace stasis::cgroup {

// Keeps a frozen cgroup thawed while it lives. Its tasks must be held otherwise when it ends (by
// ptrace stops, which both freezers count as frozen), or they run until the freezer catches them.
class ThawedCgroup {
 public:
  // A cgroup that is not frozen is left alone, now and later.
  static Result<ThawedCgroup> thaw(const ContainerCgroup& cgroup);
  ThawedCgroup(ThawedCgroup&& other) noexcept;
  ThawedCgroup& operator=(ThawedCgroup&&) = delete;
  // Freezes again; quiet.
  ~ThawedCgroup();

  // Freezes again. kTimeout: some task did not freeze, and the cgroup is thawed.
  Result<void> refreeze() &&;
  // There is nothing left to be frozen.
  void leave_thawed() { frozen_.clear(); }

 private:
  ThawedCgroup() = default;

  std::vector<CgroupDirectory> frozen_;
};

}  // namespace stasis::cgroup
