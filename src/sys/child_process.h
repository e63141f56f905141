// Making, watching and replacing a child process: clone3(2) (Linux 5.3) without shared memory,
// pidfd_open(2) (5.3), pidfd_send_signal(2) (5.1), waitid(2), execve(2), close_range(2) (5.9).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <sys/types.h>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// Like fork(2), with CLONE_NEW flags and CLONE_PARENT: gives 0 in the child. The caller must have
// one thread only: the child is then a full copy of the program, allocator included. glibc's idea
// of the thread id is stale in the child; raise(3) and pthread calls must not be used there. EPERM:
// new namespaces need CAP_SYS_ADMIN. ENOSPC: limit of namespaces.
struct CloneOptions {
  // The wanted pid in the innermost pid namespace of the child (set_tid, Linux 5.5; CAP_SYS_ADMIN
  // or CAP_CHECKPOINT_RESTORE there). EEXIST (kConflict): it is in use.
  std::optional<NsPid> number;
  // A v2 cgroup that the child is born in (CLONE_INTO_CGROUP, Linux 5.7); -1: the caller's.
  // Borrowed. EACCES: no right to write its cgroup.procs. EBUSY: it gives controllers to
  // sub-cgroups.
  int cgroup_fd = -1;
};
Result<HostPid> clone_process(std::uint64_t flags, const CloneOptions& options = {});

// fork(2): as clone_process(0), for a child that makes threads. Gives 0 in the child.
Result<HostPid> fork_process();

// pidfd_open(2). ESRCH (kTaskDied): no such process.
Result<UniqueFd> pidfd_open(HostPid pid);
// ESRCH (kTaskDied): it has ended.
Result<void> pidfd_send_signal(int pidfd, int signal);
// Whether the process has ended (zombies have): poll(2) on the pidfd.
bool pidfd_has_ended(int pidfd);

// How a child ended.
struct ExitStatus {
  int code = 0;    // exit status when `signal` is 0
  int signal = 0;  // the signal that killed it
  // What shells make of it: the code, or 128 + signal.
  int as_shell() const { return signal != 0 ? 128 + signal : code; }
  bool operator==(const ExitStatus&) const = default;
};

// Waits for a child to end and reaps it. ECHILD: it is not (or no longer) a child.
Result<ExitStatus> wait_for_exit(HostPid pid);
// As wait_for_exit(), reaping all others that end meanwhile, tracees too: a pid namespace's init
// ends only after everything in it has been reaped.
Result<ExitStatus> reap_until_exit(HostPid pid);
// Reaps the child if it has ended; nothing when it lives.
Result<std::optional<ExitStatus>> reap_if_ended(HostPid pid);
// Reaps any one child that has ended; nothing when all live or there is none.
std::optional<std::pair<HostPid, ExitStatus>> reap_any();

// Only returns on failure. `argv` and `envp` end with a null pointer.
Error execute(const char* path, char* const* argv, char* const* envp);

// execveat(2) of an open file, AT_EMPTY_PATH (Linux 3.19).
Error execute_fd(int fd, char* const* argv, char* const* envp);

// Closes all descriptors from `first` on but for one. Whatever owned them must not be used again.
Result<void> close_all_from(unsigned first, unsigned kept);

// Open, and not close-on-exec: nothing that this program opened itself.
Result<bool> is_inherited_fd(int fd);
Result<void> set_close_on_exec(int fd, int on);
// dup2(2), without close-on-exec; works when both are equal too.
Result<void> duplicate_onto(int fd, int target);

}  // namespace stasis::sys
