#include <limits>

#include "cgroup/plan_parts.h"

namespace stasis::cgroup {
namespace {

constexpr std::uint64_t kNoSwappiness = std::numeric_limits<std::uint64_t>::max();

// -1 is above everything.
bool is_below(std::int64_t a, std::int64_t b) { return a >= 0 && (b < 0 || a < b); }

ControlWrite v1(const char* file, std::int64_t value, const char* member) {
  return {Version::kV1, "memory", file, std::to_string(value), member};
}

ControlWrite v2(const char* file, std::string value, const char* member) {
  return {Version::kV2, "memory", file, std::move(value), member};
}

Result<void> refuse_below_usage(const MemoryLimits& memory, const PresentLimits& present) {
  if (memory.below_usage == BelowUsage::kTry || !present.memory_usage) return {};
  const std::int64_t usage = *present.memory_usage;
  const auto refuse = [usage](const char* member, const std::optional<std::int64_t>& limit) {
    return fail(ErrorKind::kConflict,
                "{}: {} is below the {} bytes in use, which memory.checkBeforeUpdate forbids",
                member, *limit, usage);
  };
  if (is_set(memory.swap) && is_below(*memory.swap, usage)) {
    return refuse("memory.swap", memory.swap);
  }
  if (is_set(memory.limit) && is_below(*memory.limit, usage)) {
    return refuse("memory.limit", memory.limit);
  }
  return {};
}

// Memory and swap together must never be limited to less than memory alone, also in between. The
// limits that hold now satisfy that, and so do the new ones.
Result<void> plan_sizes_v1(const MemoryLimits& memory, const PresentLimits& present,
                           Writes& writes) {
  const bool has_limit = is_set(memory.limit);
  std::optional<std::int64_t> swap = memory.swap;
  // Unlimited memory below a limit of memory and swap would be none.
  if (!is_set(swap) && has_limit && *memory.limit < 0 && present.swap) swap = -1;
  const bool has_swap = is_set(swap);
  const auto limit = has_limit ? memory.limit : present.memory;
  if (has_swap && limit && is_below(*swap, *limit)) {
    return fail(ErrorKind::kInvalidArgument,
                "memory.swap: {} bytes of memory and swap are less than the {} of memory alone",
                *swap, *limit);
  }
  if (has_limit && !has_swap && present.swap && is_below(*present.swap, *memory.limit)) {
    return fail(ErrorKind::kInvalidArgument,
                "memory.limit: {} is above the limit of memory and swap, {}: set memory.swap too",
                *memory.limit, *present.swap);
  }
  const auto write_limit = [&] {
    if (has_limit) writes.push_back(v1("memory.limit_in_bytes", *memory.limit, "memory.limit"));
  };
  const bool swap_first = has_swap && present.memory && !is_below(*swap, *present.memory);
  if (!swap_first) write_limit();
  if (has_swap) writes.push_back(v1("memory.memsw.limit_in_bytes", *swap, "memory.swap"));
  if (swap_first) write_limit();
  return {};
}

Result<void> plan_memory_v1(const MemoryLimits& memory, const PresentLimits& present,
                            Writes& writes) {
  STASIS_TRY(plan_sizes_v1(memory, present, writes));
  if (is_set(memory.reservation)) {
    writes.push_back(v1("memory.soft_limit_in_bytes", *memory.reservation, "memory.reservation"));
  }
  if (is_set(memory.kernel_tcp)) {
    writes.push_back(v1("memory.kmem.tcp.limit_in_bytes", *memory.kernel_tcp, "memory.kernelTCP"));
  }
  if (memory.disable_oom_killer) {
    writes.push_back(
        v1("memory.oom_control", *memory.disable_oom_killer ? 1 : 0, "memory.disableOOMKiller"));
  }
  if (memory.swappiness && *memory.swappiness != kNoSwappiness) {
    writes.push_back(v1("memory.swappiness", static_cast<std::int64_t>(*memory.swappiness),
                        "memory.swappiness"));
  }
  return {};
}

// v2 counts swap alone. Nothing: it stays as it is.
Result<std::optional<std::int64_t>> swap_for_v2(const MemoryLimits& memory,
                                                const PresentLimits& present) {
  using Swap = std::optional<std::int64_t>;
  const auto limit = is_set(memory.limit) ? memory.limit : present.memory;
  auto total = memory.swap;
  if (!is_set(total)) {
    if (!is_set(memory.limit)) return Swap();
    if (*memory.limit < 0) return Swap(-1);
    // What was set for both together goes on holding.
    if (!present.swap || *present.swap < 0 || !present.memory || *present.memory < 0) return Swap();
    total = *present.memory + *present.swap;
  }
  if (*total < 0) return Swap(-1);
  if (!limit || *limit < 0) {
    return fail(ErrorKind::kInvalidArgument, "memory.swap: a limit needs memory.limit too");
  }
  if (*total < *limit) {
    return fail(ErrorKind::kInvalidArgument,
                "memory.swap: {} bytes of memory and swap are less than the {} of memory alone",
                *total, *limit);
  }
  return Swap(*total - *limit);
}

Result<void> plan_memory_v2(const MemoryLimits& memory, const PresentLimits& present,
                            Writes& writes) {
  if (is_set(memory.kernel_tcp)) return only_v1("memory.kernelTCP");
  if (memory.swappiness && *memory.swappiness != kNoSwappiness) {
    return only_v1("memory.swappiness");
  }
  if (memory.disable_oom_killer.value_or(false)) return only_v1("memory.disableOOMKiller");
  STASIS_ASSIGN(const auto swap, swap_for_v2(memory, present));
  if (swap) {
    writes.push_back(v2("memory.swap.max", or_max(*swap), "memory.swap"));
    // A kernel without swap has no such file, and no need of it.
    if (!is_set(memory.swap)) writes.back().if_missing = IfMissing::kPassOver;
  }
  if (is_set(memory.limit)) {
    writes.push_back(v2("memory.max", or_max(*memory.limit), "memory.limit"));
  }
  if (is_set(memory.reservation)) {
    writes.push_back(v2("memory.low", or_max(*memory.reservation), "memory.reservation"));
  }
  return {};
}

}  // namespace

Result<void> plan_memory(const MemoryLimits& memory, const PresentLimits& present, Writes& writes) {
  if (memory.swappiness && *memory.swappiness > 100 && *memory.swappiness != kNoSwappiness) {
    return fail(ErrorKind::kInvalidArgument, "memory.swappiness: {} is not between 0 and 100",
                *memory.swappiness);
  }
  STASIS_TRY(refuse_below_usage(memory, present));
  return present.version_of("memory") == Version::kV1 ? plan_memory_v1(memory, present, writes)
                                                      : plan_memory_v2(memory, present, writes);
}

}  // namespace stasis::cgroup
