#include "sys/process_settings.h"

#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "sys/call.h"

namespace stasis::sys {

Result<void> set_sid() {
  if (::setsid() < 0) return last_error("setsid");
  return {};
}

void set_umask(mode_t mask) { ::umask(mask); }

Result<void> set_personality(unsigned long domain) {
  if (::personality(domain) < 0) return last_error("personality {:#x}", domain);
  return {};
}

Result<void> change_dir(const std::string& path) {
  if (::chdir(path.c_str()) != 0) return last_error("chdir '{}'", path);
  return {};
}

Result<void> change_dir_to(int dir_fd) {
  if (::fchdir(dir_fd) != 0) return last_error("fchdir");
  return {};
}

Result<rlimit64> get_rlimit(HostPid pid, int resource) {
  rlimit64 limit{};
  if (::syscall(SYS_prlimit64, pid.value, resource, nullptr, &limit) != 0) {
    return last_error("prlimit resource {}", resource);
  }
  return limit;
}

Result<void> set_rlimit(HostPid pid, int resource, const rlimit64& limit) {
  if (::syscall(SYS_prlimit64, pid.value, resource, &limit, nullptr) != 0) {
    return last_error("prlimit resource {} soft {} hard {}", resource, limit.rlim_cur,
                      limit.rlim_max);
  }
  return {};
}

Result<void> reset_cpu_affinity() {
  // 8192 is the largest NR_CPUS that x86-64 kernels are built with.
  std::array<unsigned long, 8192 / (8 * sizeof(unsigned long))> all{};
  all.fill(~0UL);
  if (::syscall(SYS_sched_setaffinity, 0, sizeof(all), all.data()) != 0) {
    return last_error("sched_setaffinity");
  }
  return {};
}

Result<void> set_dumpable(int on) {
  if (::prctl(PR_SET_DUMPABLE, on, 0, 0, 0) != 0) return last_error("prctl PR_SET_DUMPABLE");
  return {};
}

Result<void> set_parent_death_signal(int signal) {
  if (::prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0) return last_error("prctl PR_SET_PDEATHSIG");
  return {};
}

Result<void> set_child_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
    return last_error("prctl PR_SET_CHILD_SUBREAPER");
  }
  return {};
}

Result<void> join_new_session_keyring(const std::string& name) {
  if (::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.c_str()) < 0) {
    return last_error("keyctl KEYCTL_JOIN_SESSION_KEYRING '{}'", name);
  }
  return {};
}

Result<UniqueFd> load_seccomp_filter(std::span<const std::uint64_t> program, unsigned flags) {
  static_assert(sizeof(sock_filter) == sizeof(std::uint64_t));
  // The kernel only reads the program; its struct has no const.
  sock_fprog prog{};
  prog.len = static_cast<unsigned short>(program.size());
  prog.filter = reinterpret_cast<sock_filter*>(const_cast<std::uint64_t*>(program.data()));
  const long result = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
  if (result < 0) return last_error("seccomp filter of {} instructions", program.size());
  if ((flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0) return UniqueFd(static_cast<int>(result));
  return UniqueFd();
}

}  // namespace stasis::sys
