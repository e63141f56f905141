// Limits of a container, and the control files that set them in v1 and v2
// (Documentation/admin-guide/cgroup-v1/, cgroup-v2.rst). Planning is pure; applying writes.
// Not here: which devices may be used (cgroup/device_rules.h).
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

// What happens to a limit below what is in use already.
enum class BelowUsage {
  kTry,     // the kernel reclaims, then refuses (v1) or kills (v2)
  kRefuse,  // nothing is changed
};

// Bytes; -1 is unlimited, 0 like absent. `swap` is memory and swap together, as v1 counts.
struct MemoryLimits {
  std::optional<std::int64_t> limit, reservation, swap, kernel_tcp;
  std::optional<std::uint64_t> swappiness;  // percent; 2^64 - 1 (-1 of engines) is like absent
  std::optional<bool> disable_oom_killer;
  BelowUsage below_usage = BelowUsage::kTry;
  bool operator==(const MemoryLimits&) const = default;
};

// Times in microseconds; `quota` -1 is unlimited. But for `burst` and `idle`, 0 is like absent.
struct CpuLimits {
  std::optional<std::uint64_t> shares, burst, period, realtime_period;
  std::optional<std::int64_t> quota, realtime_runtime, idle;
  std::string cpus, mems;
  bool operator==(const CpuLimits&) const = default;
};

// One "MAJOR:MINOR VALUE" line of a block device.
struct DeviceValue {
  std::int64_t major = 0, minor = 0;
  std::uint64_t value = 0;
  bool operator==(const DeviceValue&) const = default;
};

// A weight of 0 is like absent; a rate of 0 is no limit.
struct BlockIoLimits {
  std::optional<std::uint16_t> weight, leaf_weight;
  std::vector<DeviceValue> weight_device, leaf_weight_device;
  std::vector<DeviceValue> read_bps, write_bps, read_iops, write_iops;
  bool operator==(const BlockIoLimits&) const = default;
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
  bool operator==(const Limits&) const = default;
};

// Which version has a controller, named as in v1 ("blkio" stands for v2's "io" as well): on hybrid
// machines some are in v1 and some in v2.
using VersionOf = std::function<Version(std::string_view controller)>;

// What holds in the cgroup now, as far as new limits depend on it. Absent: not there, or of no
// interest for the limits that are to be set. -1 is unlimited.
struct PresentLimits {
  VersionOf version_of;
  std::optional<std::int64_t> memory;  // v1 memory.limit_in_bytes, v2 memory.max
  std::optional<std::int64_t> swap;    // v1 memory.memsw.limit_in_bytes, v2 memory.swap.max
  std::optional<std::int64_t> memory_usage;
  std::optional<std::int64_t> quota, period;
};

// When the file of a write does not exist:
enum class IfMissing { kError, kPassOver };

// One write to a control file of a controller.
struct ControlWrite {
  Version version = Version::kV1;
  std::string controller;
  std::string file;
  std::string value;
  std::string member;  // of linux.resources, for errors: "memory.limit"
  // Written instead on kernels without `file`; "": there is none.
  std::string other_file = {};
  std::string other_value = {};
  IfMissing if_missing = IfMissing::kError;
  bool operator==(const ControlWrite&) const = default;
};

// In the order in which the kernel takes them. kInvalidArgument: a limit that makes no sense.
// kUnsupported: one that the controller's version has no file for. Both name the member.
Result<std::vector<ControlWrite>> plan_limits(const Limits& limits, const PresentLimits& present);

// Sets each limit in the hierarchy that has its controller, v1 or v2, and enables controllers of v2
// on the way down as far as needed. What is not in `limits` stays as it is. kUnsupported names a
// controller that is not here.
Result<void> apply_limits(const Limits& limits, const ContainerCgroup& cgroup,
                          const std::vector<Hierarchy>& hierarchies);

// cpu.weight of v2 (1 to 10000) for cpu.shares of v1 (2 to 262144).
std::uint64_t weight_of_shares(std::uint64_t shares);
// io.weight of v2 (1 to 10000) for blkio.weight of v1 (10 to 1000).
std::uint64_t io_weight_of_blkio(std::uint64_t weight);

}  // namespace stasis::cgroup
