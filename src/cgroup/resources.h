// Limits of a container, and the control files that set them in v1 and v2
// (Documentation/admin-guide/cgroup-v1/, cgroup-v2.rst). Planning is pure; applying writes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cgroup/container_cgroup.h"

namespace stasis::cgroup {

// Bytes; -1 is unlimited. `swap` is memory and swap together, as v1 counts.
struct MemoryLimits {
  std::optional<std::int64_t> limit, reservation, swap, kernel_tcp;
  std::optional<std::uint64_t> swappiness;
  bool disable_oom_killer = false;
};

// Times in microseconds; `quota` -1 is unlimited.
struct CpuLimits {
  std::optional<std::uint64_t> shares, burst, period, realtime_period;
  std::optional<std::int64_t> quota, realtime_runtime, idle;
  std::string cpus, mems;
};

// One "MAJOR:MINOR VALUE" line of a block device.
struct DeviceValue {
  std::int64_t major = 0, minor = 0;
  std::uint64_t value = 0;
};

struct BlockIoLimits {
  std::optional<std::uint16_t> weight, leaf_weight;
  std::vector<DeviceValue> weight_device, leaf_weight_device;
  std::vector<DeviceValue> read_bps, write_bps, read_iops, write_iops;
};

struct Limits {
  MemoryLimits memory;
  CpuLimits cpu;
  std::optional<std::int64_t> pids;  // -1: unlimited
  BlockIoLimits block_io;
  std::vector<std::pair<std::string, std::uint64_t>> hugepages;  // "2MB", bytes
  std::optional<std::uint32_t> network_class;
  std::vector<std::pair<std::string, std::uint32_t>> network_priorities;
  std::vector<std::pair<std::string, std::string>> rdma;  // device, "hca_handle=2 hca_object=2000"
  std::map<std::string, std::string> unified;             // v2 control files, by name
};

// One write to a control file of a controller.
struct ControlWrite {
  std::string controller;
  std::string file;
  std::string value;
  bool operator==(const ControlWrite&) const = default;
};

// Which version has a controller, named as in v1 ("blkio" stands for v2's "io" as well): on hybrid
// machines some are in v1 and some in v2.
using VersionOf = std::function<Version(std::string_view controller)>;

// In the order in which the kernel takes them in a new cgroup. kUnsupported: a limit that the
// controller's version has no file for.
Result<std::vector<ControlWrite>> plan_limits(const Limits& limits, const VersionOf& version_of);

// Sets each limit in the hierarchy that has its controller, v1 or v2, and enables controllers of v2
// on the way down as far as needed. kUnsupported names a controller that is not here.
Result<void> apply_limits(const Limits& limits, const ContainerCgroup& cgroup,
                          const std::vector<Hierarchy>& hierarchies);

// cpu.weight of v2 (1 to 10000) for cpu.shares of v1 (2 to 262144).
std::uint64_t weight_of_shares(std::uint64_t shares);

}  // namespace stasis::cgroup
