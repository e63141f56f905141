// What a container has used so far, and its limits: figures of its cgroup, from whichever hierarchy
// has the controller. A figure that this machine has no file for is 0, or absent.
// Not here: setting limits (cgroup/resources.h).
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cgroup/container_cgroup.h"

namespace stasis::cgroup {

inline constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// Pressure stall information, Linux 4.20 (Documentation/accounting/psi.rst).
struct PressureLine {
  double average_10 = 0, average_60 = 0, average_300 = 0;  // percent of the last seconds
  std::uint64_t total_us = 0;
  bool operator==(const PressureLine&) const = default;
};
struct Pressure {
  PressureLine some, full;
  bool operator==(const Pressure&) const = default;
};

struct CpuStatistics {
  std::uint64_t total_ns = 0, kernel_ns = 0, user_ns = 0;
  std::vector<std::uint64_t> percpu_ns, percpu_kernel_ns, percpu_user_ns;  // v1 only
  std::uint64_t periods = 0, throttled_periods = 0, throttled_ns = 0;
  std::optional<Pressure> pressure;
};

// v1 only.
struct CpusetStatistics {
  std::vector<std::uint16_t> cpus, mems;
  std::uint64_t cpu_exclusive = 0, mem_hardwall = 0, mem_exclusive = 0, memory_migrate = 0;
  std::uint64_t memory_spread_page = 0, memory_spread_slab = 0, memory_pressure = 0;
  std::uint64_t sched_load_balance = 0;
  std::int64_t sched_relax_domain_level = 0;
};

struct MemoryAmount {
  std::uint64_t limit = 0, usage = 0, max_usage = 0, failures = 0;  // bytes; kUnlimited
  bool operator==(const MemoryAmount&) const = default;
};
struct MemoryStatistics {
  std::uint64_t cache = 0;
  MemoryAmount memory;
  MemoryAmount with_swap;                    // memory and swap together, as v1 counts them
  MemoryAmount kernel, kernel_tcp;           // v1 only
  std::map<std::string, std::uint64_t> raw;  // memory.stat
  std::optional<Pressure> pressure;
};

struct PidsStatistics {
  std::uint64_t current = 0, limit = 0;  // 0: no limit
};

struct BlockIoEntry {
  std::uint64_t major = 0, minor = 0;
  std::string operation;  // "Read"; "" where v1 does not tell them apart
  std::uint64_t value = 0;
  bool operator==(const BlockIoEntry&) const = default;
};
struct BlockIoStatistics {
  std::vector<BlockIoEntry> service_bytes, serviced;
  std::vector<BlockIoEntry> queued, service_time, wait_time, merged, time, sectors;  // v1 only
  std::optional<Pressure> pressure;
};

struct HugePageStatistics {
  std::uint64_t usage = 0, max_usage = 0, failures = 0;
  bool operator==(const HugePageStatistics&) const = default;
};

struct Statistics {
  CpuStatistics cpu;
  CpusetStatistics cpuset;
  MemoryStatistics memory;
  PidsStatistics pids;
  BlockIoStatistics block_io;
  std::map<std::string, HugePageStatistics> huge_pages;  // by "2MB"
};

// kNotFound: the cgroup is gone. A file that cannot be understood is an error with its path.
Result<Statistics> read_statistics(const ContainerCgroup& cgroup);

}  // namespace stasis::cgroup
