#include "runtime/process_scheduling.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <sched.h>

namespace stasis::runtime {
namespace {

template <class Value>
using Names = std::pair<std::string_view, Value>;

constexpr std::array<Names<std::uint32_t>, 6> kPolicies{{
    {"SCHED_OTHER", SCHED_OTHER},
    {"SCHED_FIFO", SCHED_FIFO},
    {"SCHED_RR", SCHED_RR},
    {"SCHED_BATCH", SCHED_BATCH},
    {"SCHED_IDLE", SCHED_IDLE},
    {"SCHED_DEADLINE", SCHED_DEADLINE},
}};

// SCHED_FLAG_ of include/uapi/linux/sched.h.
constexpr std::array<Names<std::uint64_t>, 7> kFlags{{
    {"SCHED_FLAG_RESET_ON_FORK", 0x01},
    {"SCHED_FLAG_RECLAIM", 0x02},
    {"SCHED_FLAG_DL_OVERRUN", 0x04},
    {"SCHED_FLAG_KEEP_POLICY", 0x08},
    {"SCHED_FLAG_KEEP_PARAMS", 0x10},
    {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
    {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40},
}};

// include/uapi/linux/ioprio.h: the class in the upper bits, one of 8 levels in the lower.
constexpr unsigned kIoClassShift = 13;
constexpr std::int32_t kIoLevels = 8;
constexpr std::array<Names<std::uint32_t>, 3> kIoClasses{{
    {"IOPRIO_CLASS_RT", 1},
    {"IOPRIO_CLASS_BE", 2},
    {"IOPRIO_CLASS_IDLE", 3},
}};

template <class Value, std::size_t kCount>
Result<Value> find_name(const std::array<Names<Value>, kCount>& names, std::string_view wanted,
                        std::string_view member) {
  const auto found = std::ranges::find(names, wanted, &Names<Value>::first);
  if (found != names.end()) return found->second;
  return fail(ErrorKind::kInvalidArgument, "{}: unknown value '{}'", member, wanted);
}

Result<sys::SchedulingAttributes> plan_scheduler(const oci::Scheduler& wanted) {
  sys::SchedulingAttributes plan{.nice = wanted.nice,
                                 .priority = static_cast<std::uint32_t>(wanted.priority),
                                 .runtime_ns = wanted.runtime,
                                 .deadline_ns = wanted.deadline,
                                 .period_ns = wanted.period};
  STASIS_ASSIGN(plan.policy, find_name(kPolicies, wanted.policy, "process.scheduler.policy"));
  for (const std::string& name : wanted.flags) {
    STASIS_ASSIGN(const auto flag, find_name(kFlags, name, "process.scheduler.flags"));
    plan.flags |= flag;
  }
  const bool is_realtime = plan.policy == SCHED_FIFO || plan.policy == SCHED_RR;
  if (is_realtime != (wanted.priority != 0)) {
    return fail(ErrorKind::kInvalidArgument,
                "process.scheduler.priority: {} is for SCHED_FIFO and SCHED_RR, which need one",
                wanted.priority);
  }
  return plan;
}

Result<std::uint32_t> plan_io_priority(const oci::IoPriority& wanted) {
  STASIS_ASSIGN(const auto io_class,
                find_name(kIoClasses, wanted.io_class, "process.ioPriority.class"));
  if (wanted.priority < 0 || wanted.priority >= kIoLevels) {
    return fail(ErrorKind::kInvalidArgument,
                "process.ioPriority.priority: expected 0 to 7, found {}", wanted.priority);
  }
  return io_class << kIoClassShift | static_cast<std::uint32_t>(wanted.priority);
}

constexpr unsigned kMostCpus = 8192;  // the kernel's largest CONFIG_NR_CPUS

}  // namespace

Result<CpuMask> parse_cpu_list(std::string_view text) {
  auto mask = parse_bit_list(text, kMostCpus);
  if (mask) return std::move(*mask);
  return fail(ErrorKind::kInvalidArgument, "expected CPUs as '0-3,8', found '{}'", text);
}

Result<SchedulingPlan> plan_scheduling(const oci::Process& process) {
  SchedulingPlan plan;
  if (process.scheduler) {
    STASIS_ASSIGN(plan.scheduler, plan_scheduler(*process.scheduler));
  }
  if (process.io_priority) {
    STASIS_ASSIGN(plan.io_priority, plan_io_priority(*process.io_priority));
  }
  if (const std::string& cpus = process.exec_affinity.initial; !cpus.empty()) {
    STASIS_ASSIGN(plan.initial_cpus,
                  parse_cpu_list(cpus).context("process.execCPUAffinity.initial"));
  }
  if (const std::string& cpus = process.exec_affinity.final_; !cpus.empty()) {
    STASIS_ASSIGN(plan.final_cpus, parse_cpu_list(cpus).context("process.execCPUAffinity.final"));
  }
  return plan;
}

Result<void> apply_scheduling(const SchedulingPlan& plan, HostPid pid) {
  if (plan.scheduler) {
    auto set = sys::sched_setattr(pid, *plan.scheduler);
    if (!set && set.error().error_number() == EPERM) {
      set = std::move(set.error())
                .context(
                    "realtime policies need CAP_SYS_NICE and, with cgroup v1, "
                    "linux.resources.cpu.realtimeRuntime");
    }
    STASIS_TRY(std::move(set).context("process.scheduler"));
  }
  if (plan.io_priority) {
    STASIS_TRY(sys::set_io_priority(pid, *plan.io_priority).context("process.ioPriority"));
  }
  return {};
}

}  // namespace stasis::runtime
