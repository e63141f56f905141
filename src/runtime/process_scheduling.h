// process.scheduler, process.ioPriority and process.execCPUAffinity of config.json: sched(7),
// ioprio_set(2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "oci/spec.h"
#include "runtime/bit_list.h"
#include "sys/process.h"

namespace stasis::runtime {

using CpuMask = BitSet;

struct SchedulingPlan {
  std::optional<sys::SchedulingAttributes> scheduler;
  std::optional<std::uint32_t> io_priority;  // as ioprio_set(2) takes it
  std::optional<CpuMask> initial_cpus;       // of exec, until the process is in the container
  std::optional<CpuMask> final_cpus;         // of exec, from then on
};

// Pure. Errors name the member of "process".
Result<SchedulingPlan> plan_scheduling(const oci::Process& process);

// "0-3,8", as cpuset(7) has it.
Result<CpuMask> parse_cpu_list(std::string_view text);

// To a process that is still privileged and waits. EPERM: realtime policies need CAP_SYS_NICE.
Result<void> apply_scheduling(const SchedulingPlan& plan, HostPid pid);

}  // namespace stasis::runtime
