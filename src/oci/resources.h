// linux.resources of config.json: what the container may use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stasis::oci {

struct DeviceRule {
  bool allow = false;
  std::string type = "a";                    // "a", "b" or "c"
  std::optional<std::int64_t> major, minor;  // absent: any
  std::string access = "rwm";
  bool operator==(const DeviceRule&) const = default;
};

// Bytes; -1 is unlimited.
struct MemoryLimits {
  std::optional<std::int64_t> limit, reservation, swap, kernel_tcp;
  std::optional<std::uint64_t> swappiness;
  std::optional<bool> disable_oom_killer;
  bool check_before_update = false;
  bool operator==(const MemoryLimits&) const = default;
};

// Times in microseconds.
struct CpuLimits {
  std::optional<std::uint64_t> shares, burst, period, realtime_period;
  std::optional<std::int64_t> quota, realtime_runtime, idle;
  std::string cpus, mems;
  bool operator==(const CpuLimits&) const = default;
};

struct WeightDevice {
  std::int64_t major = 0, minor = 0;
  std::optional<std::uint16_t> weight, leaf_weight;
  bool operator==(const WeightDevice&) const = default;
};

// Bytes or operations a second.
struct ThrottleDevice {
  std::int64_t major = 0, minor = 0;
  std::uint64_t rate = 0;
  bool operator==(const ThrottleDevice&) const = default;
};

struct BlockIoLimits {
  std::optional<std::uint16_t> weight, leaf_weight;
  std::vector<WeightDevice> weight_device;
  std::vector<ThrottleDevice> read_bps, write_bps, read_iops, write_iops;
  bool operator==(const BlockIoLimits&) const = default;
};

struct HugepageLimit {
  std::string page_size;  // "2MB"
  std::uint64_t limit = 0;
  bool operator==(const HugepageLimit&) const = default;
};

struct InterfacePriority {
  std::string name;
  std::uint32_t priority = 0;
  bool operator==(const InterfacePriority&) const = default;
};

struct NetworkLimits {
  std::optional<std::uint32_t> class_id;
  std::vector<InterfacePriority> priorities;
  bool operator==(const NetworkLimits&) const = default;
};

struct RdmaLimit {
  std::optional<std::uint32_t> hca_handles, hca_objects;
  bool operator==(const RdmaLimit&) const = default;
};

struct Resources {
  std::vector<DeviceRule> devices;
  MemoryLimits memory;
  CpuLimits cpu;
  std::optional<std::int64_t> pids_limit;  // -1: unlimited
  BlockIoLimits block_io;
  std::vector<HugepageLimit> hugepages;
  NetworkLimits network;
  std::map<std::string, RdmaLimit> rdma;
  std::map<std::string, std::string> unified;
  bool operator==(const Resources&) const = default;
};

}  // namespace stasis::oci
