#include "runtime/limits.h"

#include "cgroup/device_rules.h"
#include "cgroup/resources.h"

namespace stasis::runtime {
namespace {

std::vector<cgroup::DeviceValue> to_values(const std::vector<oci::ThrottleDevice>& devices) {
  std::vector<cgroup::DeviceValue> values;
  for (const auto& one : devices) values.push_back({one.major, one.minor, one.rate});
  return values;
}

cgroup::BlockIoLimits to_block_io(const oci::BlockIoLimits& config) {
  cgroup::BlockIoLimits limits{.weight = config.weight, .leaf_weight = config.leaf_weight};
  for (const oci::WeightDevice& one : config.weight_device) {
    if (one.weight) limits.weight_device.push_back({one.major, one.minor, *one.weight});
    if (one.leaf_weight)
      limits.leaf_weight_device.push_back({one.major, one.minor, *one.leaf_weight});
  }
  limits.read_bps = to_values(config.read_bps);
  limits.write_bps = to_values(config.write_bps);
  limits.read_iops = to_values(config.read_iops);
  limits.write_iops = to_values(config.write_iops);
  return limits;
}

std::string format_rdma(const oci::RdmaLimit& limit) {
  std::string text;
  if (limit.hca_handles) text += fmt::format("hca_handle={}", *limit.hca_handles);
  if (limit.hca_objects) {
    text += fmt::format("{}hca_object={}", text.empty() ? "" : " ", *limit.hca_objects);
  }
  return text;
}

cgroup::Limits to_limits(const oci::Resources& config) {
  cgroup::Limits limits;
  const oci::MemoryLimits& memory = config.memory;
  limits.memory = {.limit = memory.limit,
                   .reservation = memory.reservation,
                   .swap = memory.swap,
                   .kernel_tcp = memory.kernel_tcp,
                   .swappiness = memory.swappiness,
                   .disable_oom_killer = memory.disable_oom_killer,
                   .below_usage = memory.check_before_update ? cgroup::BelowUsage::kRefuse
                                                             : cgroup::BelowUsage::kTry};
  const oci::CpuLimits& cpu = config.cpu;
  limits.cpu = {.shares = cpu.shares,
                .burst = cpu.burst,
                .period = cpu.period,
                .realtime_period = cpu.realtime_period,
                .quota = cpu.quota,
                .realtime_runtime = cpu.realtime_runtime,
                .idle = cpu.idle,
                .cpus = cpu.cpus,
                .mems = cpu.mems};
  limits.pids = config.pids_limit;
  limits.block_io = to_block_io(config.block_io);
  for (const auto& one : config.hugepages) limits.hugepages.emplace_back(one.page_size, one.limit);
  limits.network_class = config.network.class_id;
  for (const auto& one : config.network.priorities) {
    limits.network_priorities.emplace_back(one.name, one.priority);
  }
  for (const auto& [device, limit] : config.rdma)
    limits.rdma.emplace_back(device, format_rdma(limit));
  limits.unified = config.unified;
  return limits;
}

std::vector<cgroup::DeviceRule> to_rules(const std::vector<oci::DeviceRule>& config) {
  std::vector<cgroup::DeviceRule> rules;
  for (const oci::DeviceRule& one : config) {
    rules.push_back({one.allow, one.type.front(), one.major, one.minor, one.access});
  }
  return rules;
}

// Members of `linux.resources` go on the path, with a dot.
Error in_config(const Error& error) {
  return Error(error.kind(), "linux.resources." + error.message(), error.error_number());
}

}  // namespace

Result<void> apply_resources(const oci::Resources& resources, const cgroup::ContainerCgroup& cgroup,
                             const std::vector<cgroup::Hierarchy>& hierarchies,
                             cgroup::Denied denied) {
  const auto applied = update_resources(resources, cgroup, hierarchies);
  if (!applied) return in_config(applied.error());
  const bool pass_over = denied == cgroup::Denied::kPassOver;
  const bool has_cgroup = cgroup.find("devices") != nullptr || cgroup.find_v2() != nullptr;
  if (pass_over && !has_cgroup) return {};
  auto ruled = cgroup::apply_device_rules(to_rules(resources.devices), cgroup);
  if (!ruled && pass_over && cgroup::is_denied(ruled.error())) return {};
  return std::move(ruled).context("linux.resources.devices");
}

Result<void> update_resources(const oci::Resources& resources,
                              const cgroup::ContainerCgroup& cgroup,
                              const std::vector<cgroup::Hierarchy>& hierarchies) {
  return cgroup::apply_limits(to_limits(resources), cgroup, hierarchies);
}

}  // namespace stasis::runtime
