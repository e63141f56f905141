// The parts of plan_limits(), one per controller. Used inside src/cgroup only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cgroup/resources.h"

namespace stasis::cgroup {

using Writes = std::vector<ControlWrite>;

Result<void> plan_memory(const MemoryLimits& memory, const PresentLimits& present, Writes& writes);
Result<void> plan_cpu(const CpuLimits& cpu, const PresentLimits& present, Writes& writes);
Result<void> plan_block_io(const BlockIoLimits& io, const PresentLimits& present, Writes& writes);

// Absent, and what engines write for it.
template <class T>
bool is_set(const std::optional<T>& limit) {
  return limit && *limit != 0;
}

// v2 writes "max" where v1 writes -1.
inline std::string or_max(std::int64_t value) {
  return value < 0 ? "max" : std::to_string(value);
}

Error only_v1(std::string_view member);

}  // namespace stasis::cgroup
