// The first process of a container, from its birth to its execve. Runs in the child.
#pragma once

#include "cgroup/entrance.h"
#include "runtime/environment.h"
#include "runtime/init_channel.h"
#include "runtime/launch.h"
#include "runtime/process_plan.h"

namespace stasis::runtime {

struct InitContext {
  const Environment& environment;
  const PreparedMounts& prepared_mounts;
  const ProcessPlan& process;
  const oci::Hooks& hooks;
  const oci::ContainerRecord& record;
  const InitChannel* channel = nullptr;
  const cgroup::Entrance* entrance = nullptr;
  Gate gate = Gate::kChannel;
  int state_dir_fd = -1;  // Gate::kFifo: where exec.fifo is
};

// Reports failures on the channel (or, once `start` has opened it, in exec.fifo).
[[noreturn]] void run_init(const InitContext& context);

// After entering a user namespace: what is mounted and made from here on belongs to its root.
Result<void> become_root_of_user_namespace();

}  // namespace stasis::runtime
