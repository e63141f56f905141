#include "sys/process.h"

#include <sys/syscall.h>
#include <unistd.h>
#include <csignal>

#include "sys/call.h"

namespace stasis::sys {
namespace {

constexpr int kIoprioWhoProcess = 1;  // IOPRIO_WHO_PROCESS, linux/ioprio.h

// The kernel's struct of sched_setattr(2), first version (48 bytes).
struct KernelSchedAttr {
  std::uint32_t size = 48;
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};
static_assert(sizeof(KernelSchedAttr) == 48);

}  // namespace

Result<UniqueFd> pidfd_getfd(int pidfd, int target_fd) {
  const long fd = ::syscall(SYS_pidfd_getfd, pidfd, target_fd, 0);
  if (fd < 0) return last_error("pidfd_getfd {}", target_fd);
  return UniqueFd(static_cast<int>(fd));
}

Result<int> kcmp(HostPid first, HostPid second, KcmpType type, std::uint64_t first_index,
                 std::uint64_t second_index) {
  const long order = ::syscall(SYS_kcmp, first.value, second.value, static_cast<int>(type),
                               first_index, second_index);
  if (order < 0) return last_error("kcmp {} {}", first.value, second.value);
  return static_cast<int>(order);
}

Result<RobustListHead> get_robust_list(HostPid tid) {
  RobustListHead list;
  if (::syscall(SYS_get_robust_list, tid.value, &list.head, &list.length) != 0) {
    return last_error("get_robust_list {}", tid.value);
  }
  return list;
}

Result<SchedulingAttributes> sched_getattr(HostPid tid) {
  KernelSchedAttr raw;
  if (::syscall(SYS_sched_getattr, tid.value, &raw, sizeof(raw), 0) != 0) {
    return last_error("sched_getattr {}", tid.value);
  }
  return SchedulingAttributes{raw.policy,  raw.flags,    raw.nice,  raw.priority,
                              raw.runtime, raw.deadline, raw.period};
}

Result<void> sched_setattr(HostPid tid, const SchedulingAttributes& a) {
  KernelSchedAttr raw;
  raw.policy = a.policy;
  raw.flags = a.flags;
  raw.nice = a.nice;
  raw.priority = a.priority;
  raw.runtime = a.runtime_ns;
  raw.deadline = a.deadline_ns;
  raw.period = a.period_ns;
  if (::syscall(SYS_sched_setattr, tid.value, &raw, 0) != 0) {
    return last_error("sched_setattr {} policy {} nice {}", tid.value, a.policy, a.nice);
  }
  return {};
}

Result<std::vector<std::uint64_t>> sched_getaffinity(HostPid tid) {
  std::vector<std::uint64_t> mask(128);  // 8,192 CPUs, the kernel's CONFIG_NR_CPUS limit on x86
  const long bytes =
      ::syscall(SYS_sched_getaffinity, tid.value, mask.size() * sizeof(std::uint64_t), mask.data());
  if (bytes < 0) return last_error("sched_getaffinity {}", tid.value);
  mask.resize(static_cast<std::size_t>(bytes) / sizeof(std::uint64_t));
  while (mask.size() > 1 && mask.back() == 0) mask.pop_back();
  return mask;
}

Result<void> sched_setaffinity(HostPid tid, const std::vector<std::uint64_t>& mask) {
  if (::syscall(SYS_sched_setaffinity, tid.value, mask.size() * sizeof(std::uint64_t),
                mask.data()) != 0) {
    return last_error("sched_setaffinity {}", tid.value);
  }
  return {};
}

Result<std::uint32_t> get_io_priority(HostPid tid) {
  const long priority = ::syscall(SYS_ioprio_get, kIoprioWhoProcess, tid.value);
  if (priority < 0) return last_error("ioprio_get {}", tid.value);
  return static_cast<std::uint32_t>(priority);
}

Result<void> set_io_priority(HostPid tid, std::uint32_t priority) {
  if (::syscall(SYS_ioprio_set, kIoprioWhoProcess, tid.value, priority) != 0) {
    return last_error("ioprio_set {}", tid.value);
  }
  return {};
}

}  // namespace stasis::sys
