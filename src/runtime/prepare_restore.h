// The container that a restore fills: all that config.json describes, built as `create` does,
// around a first process that does nothing but wait to be taken over.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroup/container_cgroup.h"
#include "ns/spawn.h"
#include "runtime/bundle.h"
#include "runtime/joined_process.h"
#include "runtime/launch.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

struct PrepareOptions {
  std::string id;
  RootChange root_change = RootChange::kPivot;
  // Offsets of the container's clocks against this host's; a time namespace is made for them.
  std::optional<ns::TimeOffsets> time_offsets;
  // Of init in a pid namespace that exists already; kConflict when it is in use.
  std::optional<NsPid> init_number;
};

// init() is pid 1 of the new pid namespace: a child of this process and single-threaded, with full
// capabilities in the container's user namespace, no seccomp filter, all signals as this process
// has them, blocked in recvmsg on its channel. Standard input, output and error are the caller's,
// or the console's slave. Not dumpable (PR_SET_DUMPABLE 0), which CAP_SYS_PTRACE overrides.
// Destroying this undoes everything (processes, cgroup, mounts, state) unless committed.
class PreparedContainer {
 public:
  explicit PreparedContainer(LaunchedContainer launched) : launched_(std::move(launched)) {}

  HostPid init() const { return launched_.init; }
  // A process beside init, in the same state; see joined_process.h.
  Result<HostPid> join(NsPid pid) { return spawn_joined_process(launched_, pid); }
  const cgroup::ContainerCgroup& cgroup() const { return launched_.cgroup; }
  // "/dev/pts/0" inside the container; "" without a console.
  const std::string& console_path() const { return launched_.console_path; }
  const UniqueFd& console_master() const { return launched_.console_master; }
  // The console's master; the caller takes it to send it on or to proxy it.
  UniqueFd take_console_master() { return std::move(launched_.console_master); }
  // Announces a file that goes when the container does not stay; before it is made.
  Result<void> announce_file(const std::string& path);
  const oci::ContainerRecord& record() const { return launched_.record; }

  // The restored tree is complete: it stays. The state file says so from the beginning on.
  void commit() { launched_.commit(); }

 private:
  LaunchedContainer launched_;
};

Result<PreparedContainer> prepare_for_restore(const StateStore& store, const Bundle& bundle,
                                              const PrepareOptions& options);

}  // namespace stasis::runtime
