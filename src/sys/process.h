// Looking into other processes: pidfd_getfd(2), kcmp(2), get_robust_list(2), and the scheduling
// attributes that any privileged process may read and set. Not here: pidfd_open(2) and signals
// (sys/child_process.h, sys/signals.h).
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// pidfd_getfd(2), Linux 5.6. Needs ptrace access to the target. EBADF: closed meanwhile.
Result<UniqueFd> pidfd_getfd(int pidfd, int target_fd);
enum class KcmpType {
  kFile = 0,
  kVm = 1,
  kFiles = 2,
  kFs = 3,
  kSighand = 4,
  kIo = 5,
  kSysvSem = 6
};
// kcmp(2), CONFIG_KCMP, ptrace access to both. 0: same; 1: less; 2: greater; 3: not comparable.
Result<int> kcmp(HostPid first, HostPid second, KcmpType type, std::uint64_t first_index = 0,
                 std::uint64_t second_index = 0);

struct RobustListHead {
  std::uint64_t head = 0;
  std::uint64_t length = 0;
};
Result<RobustListHead> get_robust_list(HostPid tid);

struct SchedulingAttributes {  // sched_attr of sched_getattr(2)
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0, deadline_ns = 0, period_ns = 0;
};
Result<SchedulingAttributes> sched_getattr(HostPid tid);
Result<void> sched_setattr(HostPid tid, const SchedulingAttributes& attributes);
Result<std::vector<std::uint64_t>> sched_getaffinity(HostPid tid);
Result<void> sched_setaffinity(HostPid tid, const std::vector<std::uint64_t>& mask);
Result<std::uint32_t> get_io_priority(HostPid tid);
Result<void> set_io_priority(HostPid tid, std::uint32_t priority);

}  // namespace stasis::sys
