#include "oci/spec_readers.h"

namespace stasis::oci {
Result<void> read_value(const Node& node, DeviceRule& into) {
  STASIS_TRY(Members(node, Unknown::kRefuse)
                 .required("allow", into.allow)
                 .optional("type", into.type)
                 .optional("major", into.major)
                 .optional("minor", into.minor)
                 .optional("access", into.access)
                 .finish());
  if (into.type.empty()) into.type = "a";
  if (into.type != "a" && into.type != "b" && into.type != "c") {
    return node.error(ErrorKind::kInvalidArgument,
                      fmt::format("type: expected 'a', 'b' or 'c', found '{}'", into.type));
  }
  if (into.access.empty() || into.access.find_first_not_of("rwm") != std::string::npos) {
    return node.error(ErrorKind::kInvalidArgument,
                      fmt::format("access: expected letters of 'rwm', found '{}'", into.access));
  }
  // The kernel would cut a larger number down to another device's.
  for (const auto& number : {into.major, into.minor}) {
    if (number.value_or(0) > std::numeric_limits<std::uint32_t>::max()) {
      return node.error(ErrorKind::kInvalidArgument,
                        fmt::format("{} is no device number", *number));
    }
  }
  // -1 is how engines write "any".
  if (into.major && *into.major < 0) into.major.reset();
  if (into.minor && *into.minor < 0) into.minor.reset();
  return {};
}

Result<void> read_value(const Node& node, MemoryLimits& into) {
  return Members(node, Unknown::kRefuse)
      .optional("limit", into.limit)
      .optional("reservation", into.reservation)
      .optional("swap", into.swap)
      .ignored("kernel")  // gone from kernels since 5.16; engines still send it
      .optional("kernelTCP", into.kernel_tcp)
      .optional("swappiness", into.swappiness)
      .optional("disableOOMKiller", into.disable_oom_killer)
      .ignored("useHierarchy")  // the only behaviour left since 5.11
      .optional("checkBeforeUpdate", into.check_before_update)
      .finish();
}

Result<void> read_value(const Node& node, CpuLimits& into) {
  return Members(node, Unknown::kRefuse)
      .optional("shares", into.shares)
      .optional("quota", into.quota)
      .optional("burst", into.burst)
      .optional("period", into.period)
      .optional("realtimeRuntime", into.realtime_runtime)
      .optional("realtimePeriod", into.realtime_period)
      .optional("cpus", into.cpus)
      .optional("mems", into.mems)
      .optional("idle", into.idle)
      .finish();
}

Result<void> read_value(const Node& node, WeightDevice& into) {
  return Members(node, Unknown::kRefuse)
      .required("major", into.major)
      .required("minor", into.minor)
      .optional("weight", into.weight)
      .optional("leafWeight", into.leaf_weight)
      .finish();
}

Result<void> read_value(const Node& node, ThrottleDevice& into) {
  return Members(node, Unknown::kRefuse)
      .required("major", into.major)
      .required("minor", into.minor)
      .required("rate", into.rate)
      .finish();
}

Result<void> read_value(const Node& node, BlockIoLimits& into) {
  return Members(node, Unknown::kRefuse)
      .optional("weight", into.weight)
      .optional("leafWeight", into.leaf_weight)
      .optional("weightDevice", into.weight_device)
      .optional("throttleReadBpsDevice", into.read_bps)
      .optional("throttleWriteBpsDevice", into.write_bps)
      .optional("throttleReadIOPSDevice", into.read_iops)
      .optional("throttleWriteIOPSDevice", into.write_iops)
      .finish();
}

Result<void> read_value(const Node& node, HugepageLimit& into) {
  return Members(node, Unknown::kRefuse)
      .required("pageSize", into.page_size)
      .required("limit", into.limit)
      .finish();
}

Result<void> read_value(const Node& node, InterfacePriority& into) {
  return Members(node, Unknown::kRefuse)
      .required("name", into.name)
      .required("priority", into.priority)
      .finish();
}

Result<void> read_value(const Node& node, NetworkLimits& into) {
  return Members(node, Unknown::kRefuse)
      .optional("classID", into.class_id)
      .optional("priorities", into.priorities)
      .finish();
}

Result<void> read_value(const Node& node, RdmaLimit& into) {
  return Members(node, Unknown::kRefuse)
      .optional("hcaHandles", into.hca_handles)
      .optional("hcaObjects", into.hca_objects)
      .finish();
}

struct PidsLimits {
  std::optional<std::int64_t>& limit;
};

Result<void> read_value(const Node& node, PidsLimits& into) {
  return Members(node, Unknown::kRefuse).optional("limit", into.limit).finish();
}

Result<void> read_value(const Node& node, Resources& into) {
  PidsLimits pids{into.pids_limit};
  return Members(node, Unknown::kRefuse)
      .optional("devices", into.devices)
      .optional("memory", into.memory)
      .optional("cpu", into.cpu)
      .optional("pids", pids)
      .optional("blockIO", into.block_io)
      .optional("hugepageLimits", into.hugepages)
      .optional("network", into.network)
      .optional("rdma", into.rdma)
      .optional("unified", into.unified)
      .finish();
}

}  // namespace stasis::oci
