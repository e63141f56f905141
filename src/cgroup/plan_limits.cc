#include <algorithm>

#include "cgroup/resources.h"

namespace stasis::cgroup {
namespace {

using Writes = std::vector<ControlWrite>;

std::string number(std::int64_t value) { return std::to_string(value); }
std::string number(std::uint64_t value) { return std::to_string(value); }

// v2 writes "max" where v1 writes -1.
std::string or_max(std::int64_t value) { return value < 0 ? "max" : number(value); }

Error only_v1(std::string_view what) {
  return fail(ErrorKind::kUnsupported, "{}: cgroup v2 has no such limit", what);
}

void plan_memory_v1(const MemoryLimits& memory, Writes& writes) {
  const auto add = [&](const char* file, std::string value) {
    writes.push_back({"memory", file, std::move(value)});
  };
  // memory.memsw must never be below memory: in a new cgroup both are unlimited.
  if (memory.limit) add("memory.limit_in_bytes", number(*memory.limit));
  if (memory.swap) add("memory.memsw.limit_in_bytes", number(*memory.swap));
  if (memory.reservation) add("memory.soft_limit_in_bytes", number(*memory.reservation));
  if (memory.kernel_tcp) add("memory.kmem.tcp.limit_in_bytes", number(*memory.kernel_tcp));
  if (memory.swappiness) add("memory.swappiness", number(*memory.swappiness));
  if (memory.disable_oom_killer) add("memory.oom_control", "1");
}

// v1 counts memory and swap together, v2 apart.
Result<std::optional<std::string>> swap_for_v2(const MemoryLimits& memory) {
  if (!memory.swap) return std::optional<std::string>();
  if (*memory.swap < 0) return std::optional<std::string>("max");
  if (!memory.limit || *memory.limit < 0) {
    return fail(ErrorKind::kInvalidArgument, "memory.swap: a limit needs memory.limit too");
  }
  if (*memory.swap < *memory.limit) {
    return fail(ErrorKind::kInvalidArgument, "memory.swap: {} is less than memory.limit {}",
                *memory.swap, *memory.limit);
  }
  return std::optional<std::string>(number(*memory.swap - *memory.limit));
}

Result<void> plan_memory_v2(const MemoryLimits& memory, Writes& writes) {
  if (memory.kernel_tcp) return only_v1("memory.kernelTCP");
  if (memory.swappiness) return only_v1("memory.swappiness");
  if (memory.disable_oom_killer) return only_v1("memory.disableOOMKiller");
  STASIS_ASSIGN(const auto swap, swap_for_v2(memory));
  if (swap) writes.push_back({"memory", "memory.swap.max", *swap});
  if (memory.limit) writes.push_back({"memory", "memory.max", or_max(*memory.limit)});
  if (memory.reservation) writes.push_back({"memory", "memory.low", or_max(*memory.reservation)});
  return {};
}

void plan_cpuset(const CpuLimits& cpu, Writes& writes) {
  if (!cpu.cpus.empty()) writes.push_back({"cpuset", "cpuset.cpus", cpu.cpus});
  if (!cpu.mems.empty()) writes.push_back({"cpuset", "cpuset.mems", cpu.mems});
}

void plan_cpu_v1(const CpuLimits& cpu, Writes& writes) {
  const auto add = [&](const char* file, std::string value) {
    writes.push_back({"cpu", file, std::move(value)});
  };
  if (cpu.shares && *cpu.shares != 0) add("cpu.shares", number(*cpu.shares));
  if (cpu.period && *cpu.period != 0) add("cpu.cfs_period_us", number(*cpu.period));
  if (cpu.quota && *cpu.quota != 0) add("cpu.cfs_quota_us", number(*cpu.quota));
  if (cpu.burst) add("cpu.cfs_burst_us", number(*cpu.burst));
  if (cpu.realtime_period && *cpu.realtime_period != 0) {
    add("cpu.rt_period_us", number(*cpu.realtime_period));
  }
  if (cpu.realtime_runtime && *cpu.realtime_runtime != 0) {
    add("cpu.rt_runtime_us", number(*cpu.realtime_runtime));
  }
  if (cpu.idle) add("cpu.idle", number(*cpu.idle));
}

Result<void> plan_cpu_v2(const CpuLimits& cpu, Writes& writes) {
  if ((cpu.realtime_period && *cpu.realtime_period != 0) ||
      (cpu.realtime_runtime && *cpu.realtime_runtime != 0)) {
    return only_v1("cpu.realtimeRuntime");
  }
  if (cpu.shares && *cpu.shares != 0) {
    writes.push_back({"cpu", "cpu.weight", number(weight_of_shares(*cpu.shares))});
  }
  const bool has_quota = cpu.quota && *cpu.quota != 0;
  const bool has_period = cpu.period && *cpu.period != 0;
  if (has_quota || has_period) {
    const std::string quota = has_quota ? or_max(*cpu.quota) : "max";
    writes.push_back({"cpu", "cpu.max", has_period ? quota + " " + number(*cpu.period) : quota});
  }
  if (cpu.burst) writes.push_back({"cpu", "cpu.max.burst", number(*cpu.burst)});
  if (cpu.idle) writes.push_back({"cpu", "cpu.idle", number(*cpu.idle)});
  return {};
}

void plan_devices(const std::vector<DeviceValue>& devices, const std::string& controller,
                  const std::string& file, std::string_view key, Writes& writes) {
  for (const DeviceValue& one : devices) {
    writes.push_back(
        {controller, file, fmt::format("{}:{} {}{}", one.major, one.minor, key, one.value)});
  }
}

void plan_block_io_v1(const BlockIoLimits& io, Writes& writes) {
  if (io.weight && *io.weight != 0) {
    writes.push_back({"blkio", "blkio.weight", number(std::uint64_t{*io.weight})});
  }
  if (io.leaf_weight && *io.leaf_weight != 0) {
    writes.push_back({"blkio", "blkio.leaf_weight", number(std::uint64_t{*io.leaf_weight})});
  }
  plan_devices(io.weight_device, "blkio", "blkio.weight_device", "", writes);
  plan_devices(io.leaf_weight_device, "blkio", "blkio.leaf_weight_device", "", writes);
  plan_devices(io.read_bps, "blkio", "blkio.throttle.read_bps_device", "", writes);
  plan_devices(io.write_bps, "blkio", "blkio.throttle.write_bps_device", "", writes);
  plan_devices(io.read_iops, "blkio", "blkio.throttle.read_iops_device", "", writes);
  plan_devices(io.write_iops, "blkio", "blkio.throttle.write_iops_device", "", writes);
}

Result<void> plan_block_io_v2(const BlockIoLimits& io, Writes& writes) {
  if ((io.leaf_weight && *io.leaf_weight != 0) || !io.leaf_weight_device.empty()) {
    return only_v1("blockIO.leafWeight");
  }
  if (io.weight && *io.weight != 0) {
    writes.push_back({"io", "io.bfq.weight", number(std::uint64_t{*io.weight})});
  }
  plan_devices(io.weight_device, "io", "io.bfq.weight", "", writes);
  plan_devices(io.read_bps, "io", "io.max", "rbps=", writes);
  plan_devices(io.write_bps, "io", "io.max", "wbps=", writes);
  plan_devices(io.read_iops, "io", "io.max", "riops=", writes);
  plan_devices(io.write_iops, "io", "io.max", "wiops=", writes);
  return {};
}

// 0 would forbid the first process itself; engines mean "as few as possible" by it.
std::string pids_value(std::int64_t limit) {
  return limit < 0 ? "max" : number(std::max<std::int64_t>(limit, 1));
}

void plan_hugepages(const Limits& limits, Version version, Writes& writes) {
  const char* suffix = version == Version::kV1 ? "limit_in_bytes" : "max";
  for (const auto& [size, bytes] : limits.hugepages) {
    writes.push_back({"hugetlb", fmt::format("hugetlb.{}.{}", size, suffix), number(bytes)});
  }
}

// v2 has no network controllers.
void plan_network(const Limits& limits, Writes& writes) {
  if (limits.network_class) {
    writes.push_back({"net_cls", "net_cls.classid", number(std::uint64_t{*limits.network_class})});
  }
  for (const auto& [name, priority] : limits.network_priorities) {
    writes.push_back({"net_prio", "net_prio.ifpriomap", fmt::format("{} {}", name, priority)});
  }
}

Result<void> plan_unified(const Limits& limits, Writes& writes) {
  for (const auto& [file, value] : limits.unified) {
    const auto dot = file.find('.');
    if (file.find('/') != file.npos || dot == file.npos || dot == 0) {
      return fail(ErrorKind::kInvalidArgument, "unified: '{}' is no control file", file);
    }
    writes.push_back({file.substr(0, dot), file, value});
  }
  return {};
}

}  // namespace

std::uint64_t weight_of_shares(std::uint64_t shares) {
  const std::uint64_t within = std::clamp<std::uint64_t>(shares, 2, 262144);
  return 1 + (within - 2) * 9999 / 262142;
}

Result<std::vector<ControlWrite>> plan_limits(const Limits& limits, const VersionOf& version_of) {
  Writes writes;
  plan_cpuset(limits.cpu, writes);
  if (version_of("memory") == Version::kV1) {
    plan_memory_v1(limits.memory, writes);
  } else {
    STASIS_TRY(plan_memory_v2(limits.memory, writes));
  }
  if (version_of("cpu") == Version::kV1) {
    plan_cpu_v1(limits.cpu, writes);
  } else {
    STASIS_TRY(plan_cpu_v2(limits.cpu, writes));
  }
  if (version_of("blkio") == Version::kV1) {
    plan_block_io_v1(limits.block_io, writes);
  } else {
    STASIS_TRY(plan_block_io_v2(limits.block_io, writes));
  }
  if (limits.pids) writes.push_back({"pids", "pids.max", pids_value(*limits.pids)});
  plan_hugepages(limits, version_of("hugetlb"), writes);
  plan_network(limits, writes);
  for (const auto& [device, value] : limits.rdma) {
    writes.push_back({"rdma", "rdma.max", device + " " + value});
  }
  STASIS_TRY(plan_unified(limits, writes));
  return writes;
}

}  // namespace stasis::cgroup
