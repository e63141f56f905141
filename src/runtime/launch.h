// Making a container's first process: state directory, cgroup, namespaces, environment. What
// create, run and restore have in common.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/rollback.h"
#include "base/unique_fd.h"
#include "cgroup/container_cgroup.h"
#include "ns/spawn.h"
#include "oci/state.h"
#include "runtime/bundle.h"
#include "runtime/environment.h"
#include "runtime/guardian.h"
#include "runtime/init_channel.h"
#include "runtime/process_plan.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

// What the first process waits for, once its environment stands.
enum class Gate {
  kFifo,     // create: whoever opens exec.fifo, which `start` does
  kChannel,  // run: kStart from the runtime, which stays
  kRestore,  // restore: nothing; the engine takes the process over by ptrace
};

struct LaunchOptions {
  std::string id;
  RootChange root_change = RootChange::kPivot;
  Keyring keyring = Keyring::kNew;
  PassedDescriptors passed;
  Gate gate = Gate::kChannel;
  cgroup::Denied denied_cgroups = cgroup::Denied::kFail;
  std::optional<ns::TimeOffsets>
      time_offsets;                  // restore: a time namespace, whatever config.json says
  std::optional<NsPid> init_number;  // restore, without a new pid namespace
};

// A container whose first process waits at its gate. Destroying it undoes everything (process,
// cgroup, mounts, state) unless committed.
struct LaunchedContainer {
  StateDirectory state;
  oci::ContainerRecord record;
  cgroup::ContainerCgroup cgroup;
  InitChannel channel{UniqueFd()};
  HostPid init;
  std::vector<InitChannel> joined_channels;  // of further processes, which end with them
  UniqueFd console_master;                   // with a terminal only
  std::string console_path;                  // "/dev/pts/0" inside; "" without a terminal
  std::shared_ptr<Guardian> guardian;        // Gate::kRestore only
  std::shared_ptr<bool> hooked;              // hooks have run: undoing includes the poststop ones
  Rollback undo;                             // last member: runs while the others still live

  void commit();
};

// `bundle` is used until this returns; afterwards the child has its own copy.
Result<LaunchedContainer> launch(const StateStore& store, const Bundle& bundle,
                                 const LaunchOptions& options);

}  // namespace stasis::runtime
