#include <algorithm>

#include "cgroup/plan_parts.h"

namespace stasis::cgroup {
namespace {

std::string device_line(const DeviceValue& one, std::string_view value) {
  return fmt::format("{}:{} {}", one.major, one.minor, value);
}

// Kernels with the BFQ scheduler only have its files.
void plan_weights_v1(const BlockIoLimits& io, Writes& writes) {
  const auto add = [&](const char* file, std::string value, const char* member,
                       std::string other_file) {
    const std::string same = other_file.empty() ? "" : value;
    writes.push_back({Version::kV1, "blkio", file, std::move(value), member, std::move(other_file),
                      same});
  };
  if (is_set(io.weight)) {
    add("blkio.weight", std::to_string(*io.weight), "blockIO.weight", "blkio.bfq.weight");
  }
  if (is_set(io.leaf_weight)) {
    add("blkio.leaf_weight", std::to_string(*io.leaf_weight), "blockIO.leafWeight", "");
  }
  for (const DeviceValue& one : io.weight_device) {
    add("blkio.weight_device", device_line(one, std::to_string(one.value)), "blockIO.weightDevice",
        "blkio.bfq.weight_device");
  }
  for (const DeviceValue& one : io.leaf_weight_device) {
    add("blkio.leaf_weight_device", device_line(one, std::to_string(one.value)),
        "blockIO.weightDevice", "");
  }
}

void plan_block_io_v1(const BlockIoLimits& io, Writes& writes) {
  plan_weights_v1(io, writes);
  const auto throttle = [&](const std::vector<DeviceValue>& devices, const char* file,
                            const char* member) {
    for (const DeviceValue& one : devices) {
      writes.push_back({Version::kV1, "blkio", file, device_line(one, std::to_string(one.value)),
                        member});
    }
  };
  throttle(io.read_bps, "blkio.throttle.read_bps_device", "blockIO.throttleReadBpsDevice");
  throttle(io.write_bps, "blkio.throttle.write_bps_device", "blockIO.throttleWriteBpsDevice");
  throttle(io.read_iops, "blkio.throttle.read_iops_device", "blockIO.throttleReadIOPSDevice");
  throttle(io.write_iops, "blkio.throttle.write_iops_device", "blockIO.throttleWriteIOPSDevice");
}

// BFQ has v1's range of weights; io.weight, of the cost model, has another one.
void plan_weights_v2(const BlockIoLimits& io, Writes& writes) {
  if (is_set(io.weight)) {
    writes.push_back({Version::kV2, "io", "io.bfq.weight", std::to_string(*io.weight),
                      "blockIO.weight", "io.weight",
                      std::to_string(io_weight_of_blkio(*io.weight))});
  }
  for (const DeviceValue& one : io.weight_device) {
    writes.push_back(
        {Version::kV2, "io", "io.bfq.weight", device_line(one, std::to_string(one.value)),
         "blockIO.weightDevice", "io.weight",
         device_line(one, std::to_string(io_weight_of_blkio(one.value)))});
  }
}

Result<void> plan_block_io_v2(const BlockIoLimits& io, Writes& writes) {
  if (is_set(io.leaf_weight)) return only_v1("blockIO.leafWeight");
  if (!io.leaf_weight_device.empty()) return only_v1("blockIO.weightDevice: leafWeight");
  plan_weights_v2(io, writes);
  const auto throttle = [&](const std::vector<DeviceValue>& devices, std::string_view key,
                            const char* member) {
    for (const DeviceValue& one : devices) {
      const std::string rate = one.value == 0 ? "max" : std::to_string(one.value);
      writes.push_back({Version::kV2, "io", "io.max",
                        device_line(one, fmt::format("{}={}", key, rate)), member});
    }
  };
  throttle(io.read_bps, "rbps", "blockIO.throttleReadBpsDevice");
  throttle(io.write_bps, "wbps", "blockIO.throttleWriteBpsDevice");
  throttle(io.read_iops, "riops", "blockIO.throttleReadIOPSDevice");
  throttle(io.write_iops, "wiops", "blockIO.throttleWriteIOPSDevice");
  return {};
}

}  // namespace

std::uint64_t io_weight_of_blkio(std::uint64_t weight) {
  const std::uint64_t within = std::clamp<std::uint64_t>(weight, 10, 1000);
  return 1 + (within - 10) * 9999 / 990;
}

Result<void> plan_block_io(const BlockIoLimits& io, const PresentLimits& present, Writes& writes) {
  if (present.version_of("blkio") == Version::kV2) return plan_block_io_v2(io, writes);
  plan_block_io_v1(io, writes);
  return {};
}

}  // namespace stasis::cgroup
