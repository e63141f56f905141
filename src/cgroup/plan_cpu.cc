#include <algorithm>

#include "cgroup/plan_parts.h"

namespace stasis::cgroup {
namespace {

constexpr std::uint64_t kLeastShares = 2, kMostShares = 262144;

void plan_cpuset(const CpuLimits& cpu, Version version, Writes& writes) {
  if (!cpu.cpus.empty()) {
    writes.push_back({version, "cpuset", "cpuset.cpus", cpu.cpus, "cpu.cpus"});
  }
  if (!cpu.mems.empty()) {
    writes.push_back({version, "cpuset", "cpuset.mems", cpu.mems, "cpu.mems"});
  }
}

// A burst may not be above the quota; both what holds now and what is to hold satisfy that.
bool burst_first(const CpuLimits& cpu, const PresentLimits& present) {
  if (!is_set(cpu.quota) || !present.quota || *present.quota < 0) return true;
  return *cpu.burst <= static_cast<std::uint64_t>(*present.quota);
}

// The kernel compares quota/period with that of the parent, after each write: the smaller of the
// two possible steps in between comes first.
bool period_first(const CpuLimits& cpu, const PresentLimits& present) {
  return !present.period || *cpu.period >= static_cast<std::uint64_t>(*present.period);
}

void plan_quota_v1(const CpuLimits& cpu, const PresentLimits& present, Writes& writes) {
  const auto add = [&](const char* file, std::string value, const char* member) {
    writes.push_back({Version::kV1, "cpu", file, std::move(value), member});
  };
  const bool has_period = is_set(cpu.period);
  const bool early_period = has_period && period_first(cpu, present);
  const bool early_burst = cpu.burst && burst_first(cpu, present);
  if (early_burst) add("cpu.cfs_burst_us", std::to_string(*cpu.burst), "cpu.burst");
  if (early_period) add("cpu.cfs_period_us", std::to_string(*cpu.period), "cpu.period");
  if (is_set(cpu.quota)) add("cpu.cfs_quota_us", std::to_string(*cpu.quota), "cpu.quota");
  if (has_period && !early_period) {
    add("cpu.cfs_period_us", std::to_string(*cpu.period), "cpu.period");
  }
  if (cpu.burst && !early_burst) add("cpu.cfs_burst_us", std::to_string(*cpu.burst), "cpu.burst");
}

Result<void> plan_cpu_v1(const CpuLimits& cpu, const PresentLimits& present, Writes& writes) {
  const auto add = [&](const char* file, std::string value, const char* member) {
    writes.push_back({Version::kV1, "cpu", file, std::move(value), member});
  };
  // An idle cgroup takes no shares.
  if (cpu.idle == 0) add("cpu.idle", "0", "cpu.idle");
  if (is_set(cpu.shares)) {
    // The kernel would take another number than the one that was asked for.
    if (*cpu.shares < kLeastShares) {
      return fail(ErrorKind::kInvalidArgument, "cpu.shares: the minimum allowed cpu-shares is {}",
                  kLeastShares);
    }
    if (*cpu.shares > kMostShares) {
      return fail(ErrorKind::kInvalidArgument, "cpu.shares: the maximum allowed cpu-shares is {}",
                  kMostShares);
    }
    add("cpu.shares", std::to_string(*cpu.shares), "cpu.shares");
  }
  plan_quota_v1(cpu, present, writes);
  if (is_set(cpu.realtime_period)) {
    add("cpu.rt_period_us", std::to_string(*cpu.realtime_period), "cpu.realtimePeriod");
  }
  if (is_set(cpu.realtime_runtime)) {
    add("cpu.rt_runtime_us", std::to_string(*cpu.realtime_runtime), "cpu.realtimeRuntime");
  }
  if (cpu.idle.value_or(0) != 0) add("cpu.idle", std::to_string(*cpu.idle), "cpu.idle");
  return {};
}

// "QUOTA PERIOD" of cpu.max; a period that is not given stays.
std::string format_cpu_max(const CpuLimits& cpu, const PresentLimits& present) {
  const std::string quota = or_max(is_set(cpu.quota) ? *cpu.quota : present.quota.value_or(-1));
  return is_set(cpu.period) ? fmt::format("{} {}", quota, *cpu.period) : quota;
}

Result<void> plan_cpu_v2(const CpuLimits& cpu, const PresentLimits& present, Writes& writes) {
  const auto add = [&](const char* file, std::string value, const char* member) {
    writes.push_back({Version::kV2, "cpu", file, std::move(value), member});
  };
  if (is_set(cpu.realtime_period)) return only_v1("cpu.realtimePeriod");
  if (is_set(cpu.realtime_runtime)) return only_v1("cpu.realtimeRuntime");
  if (cpu.idle == 0) add("cpu.idle", "0", "cpu.idle");
  if (is_set(cpu.shares)) {
    add("cpu.weight", std::to_string(weight_of_shares(*cpu.shares)), "cpu.shares");
  }
  const bool early_burst = cpu.burst && burst_first(cpu, present);
  if (early_burst) add("cpu.max.burst", std::to_string(*cpu.burst), "cpu.burst");
  if (is_set(cpu.quota) || is_set(cpu.period)) {
    add("cpu.max", format_cpu_max(cpu, present), is_set(cpu.quota) ? "cpu.quota" : "cpu.period");
  }
  if (cpu.burst && !early_burst) add("cpu.max.burst", std::to_string(*cpu.burst), "cpu.burst");
  if (cpu.idle.value_or(0) != 0) add("cpu.idle", std::to_string(*cpu.idle), "cpu.idle");
  return {};
}

}  // namespace

std::uint64_t weight_of_shares(std::uint64_t shares) {
  const std::uint64_t within = std::clamp(shares, kLeastShares, kMostShares);
  return 1 + (within - kLeastShares) * 9999 / (kMostShares - kLeastShares);
}

Result<void> plan_cpu(const CpuLimits& cpu, const PresentLimits& present, Writes& writes) {
  plan_cpuset(cpu, present.version_of("cpuset"), writes);
  return present.version_of("cpu") == Version::kV1 ? plan_cpu_v1(cpu, present, writes)
                                                   : plan_cpu_v2(cpu, present, writes);
}

}  // namespace stasis::cgroup
