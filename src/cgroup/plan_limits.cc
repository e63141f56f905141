#include <algorithm>

#include "cgroup/plan_parts.h"

namespace stasis::cgroup {
namespace {

// 0 would forbid the first process itself; engines mean "as few as possible" by it.
std::string pids_value(std::int64_t limit) {
  return or_max(limit < 0 ? limit : std::max<std::int64_t>(limit, 1));
}

void plan_hugepages(const Limits& limits, Version version, Writes& writes) {
  const char* suffix = version == Version::kV1 ? "limit_in_bytes" : "max";
  for (const auto& [size, bytes] : limits.hugepages) {
    const std::string value = std::to_string(bytes);
    writes.push_back({version, "hugetlb", fmt::format("hugetlb.{}.{}", size, suffix), value,
                      "hugepageLimits"});
    // Counts at mmap what the other counts at the first touch; Linux 5.7.
    writes.push_back({version, "hugetlb", fmt::format("hugetlb.{}.rsvd.{}", size, suffix), value,
                      "hugepageLimits"});
    writes.back().if_missing = IfMissing::kPassOver;
  }
}

// v2 has no network controllers.
void plan_network(const Limits& limits, Writes& writes) {
  if (is_set(limits.network_class)) {
    writes.push_back({Version::kV1, "net_cls", "net_cls.classid",
                      std::to_string(*limits.network_class), "network.classID"});
  }
  for (const auto& [name, priority] : limits.network_priorities) {
    writes.push_back({Version::kV1, "net_prio", "net_prio.ifpriomap",
                      fmt::format("{} {}", name, priority), "network.priorities"});
  }
}

Result<void> plan_unified(const Limits& limits, Writes& writes) {
  for (const auto& [file, value] : limits.unified) {
    const auto dot = file.find('.');
    if (file.find('/') != file.npos || dot == file.npos || dot == 0) {
      return fail(ErrorKind::kInvalidArgument,
                  "unified: '{}' is no control file: expected CONTROLLER.PARAMETER", file);
    }
    writes.push_back({Version::kV2, file.substr(0, dot), file, value, "unified." + file});
  }
  return {};
}

}  // namespace

Error only_v1(std::string_view member) {
  return fail(ErrorKind::kUnsupported, "{}: cgroup v2 has no such limit", member);
}

Result<std::vector<ControlWrite>> plan_limits(const Limits& limits, const PresentLimits& present) {
  Writes writes;
  STASIS_TRY(plan_cpu(limits.cpu, present, writes));
  STASIS_TRY(plan_memory(limits.memory, present, writes));
  STASIS_TRY(plan_block_io(limits.block_io, present, writes));
  if (limits.pids) {
    writes.push_back(
        {present.version_of("pids"), "pids", "pids.max", pids_value(*limits.pids), "pids.limit"});
  }
  plan_hugepages(limits, present.version_of("hugetlb"), writes);
  plan_network(limits, writes);
  for (const auto& [device, value] : limits.rdma) {
    writes.push_back(
        {present.version_of("rdma"), "rdma", "rdma.max", device + " " + value, "rdma." + device});
  }
  STASIS_TRY(plan_unified(limits, writes));
  return writes;
}

}  // namespace stasis::cgroup
