// What a process sets about itself or a child before a program starts: setsid(2), umask(2),
// personality(2), prlimit(2) (Linux 2.6.36), chdir(2), sched_setaffinity(2), keyctl(2), seccomp(2)
// (3.17), and the prctl(2) operations on dumpability and subreaping.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <sys/resource.h>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// EPERM: the caller leads a process group already.
Result<void> set_sid();
void set_umask(mode_t mask);
Result<void> set_personality(unsigned long domain);
Result<void> change_dir(const std::string& path);
// fchdir(2).
Result<void> change_dir_to(int dir_fd);
// EPERM: raising the hard limit, or another user's process, without CAP_SYS_RESOURCE.
Result<rlimit64> get_rlimit(HostPid pid, int resource);
Result<void> set_rlimit(HostPid pid, int resource, const rlimit64& limit);
// All CPUs; the kernel cuts it down to the cpuset of the cgroup.
Result<void> reset_cpu_affinity();
// PR_SET_DUMPABLE 0: other processes of the same user can neither ptrace nor read /proc/self.
Result<void> set_dumpable(int on);
// PR_SET_PDEATHSIG: the signal that the calling process gets when its parent thread ends; 0 is
// none. Cleared by a change of ids.
Result<void> set_parent_death_signal(int signal);
// Orphaned descendants become children of this process instead of pid 1's.
Result<void> set_child_subreaper();
// Leaves the inherited session keyring for a new one. ENOSYS, EOPNOTSUPP (kUnsupported): no
// keyrings.
Result<void> join_new_session_keyring(const std::string& name);

// seccomp(2) SECCOMP_SET_MODE_FILTER. `program` holds struct sock_filter, 8 bytes each. Needs
// CAP_SYS_ADMIN or no_new_privs. Gives the notify descriptor when `flags` has
// SECCOMP_FILTER_FLAG_NEW_LISTENER, else an empty one.
Result<UniqueFd> load_seccomp_filter(std::span<const std::uint64_t> program, unsigned flags);

}  // namespace stasis::sys
