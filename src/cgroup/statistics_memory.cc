// v1 memory.* (Documentation/admin-guide/cgroup-v1/memory.rst), v2 memory.* (cgroup-v2.rst).
#include "cgroup/statistics_parts.h"

namespace stasis::cgroup {
namespace {

// `prefix`: "memory", "memory.memsw" ... A kernel without that accounting has none of the files.
Result<MemoryAmount> read_v1_amount(const std::string& directory, const std::string& prefix) {
  MemoryAmount amount;
  STASIS_ASSIGN(amount.limit, read_count(directory, prefix + ".limit_in_bytes"));
  STASIS_ASSIGN(amount.usage, read_count(directory, prefix + ".usage_in_bytes"));
  STASIS_ASSIGN(amount.max_usage, read_count(directory, prefix + ".max_usage_in_bytes"));
  STASIS_ASSIGN(amount.failures, read_count(directory, prefix + ".failcnt"));
  return amount;
}

// `prefix`: "memory", "memory.swap". The peak is there since Linux 5.19, that of swap since 6.5.
Result<MemoryAmount> read_v2_amount(const std::string& directory, const std::string& prefix) {
  MemoryAmount amount;
  STASIS_ASSIGN(amount.limit, read_count(directory, prefix + ".max"));
  STASIS_ASSIGN(amount.usage, read_count(directory, prefix + ".current"));
  STASIS_ASSIGN(amount.max_usage, read_count(directory, prefix + ".peak"));
  return amount;
}

Result<void> read_v1(const std::string& directory, MemoryStatistics& into) {
  into.cache = count_of(into.raw, "cache");
  STASIS_ASSIGN(into.memory, read_v1_amount(directory, "memory"));
  STASIS_ASSIGN(into.with_swap, read_v1_amount(directory, "memory.memsw"));
  STASIS_ASSIGN(into.kernel, read_v1_amount(directory, "memory.kmem"));
  STASIS_ASSIGN(into.kernel_tcp, read_v1_amount(directory, "memory.kmem.tcp"));
  return {};
}

Result<void> read_v2(const std::string& directory, MemoryStatistics& into) {
  into.cache = count_of(into.raw, "file");
  STASIS_ASSIGN(into.memory, read_v2_amount(directory, "memory"));
  STASIS_ASSIGN(MemoryAmount swap, read_v2_amount(directory, "memory.swap"));
  const bool unlimited = swap.limit == kUnlimited || into.memory.limit == kUnlimited;
  into.with_swap.limit = unlimited ? kUnlimited : swap.limit + into.memory.limit;
  into.with_swap.usage = swap.usage + into.memory.usage;
  into.with_swap.max_usage = swap.max_usage;
  return {};
}

}  // namespace

Result<void> read_memory(const ContainerCgroup& cgroup, MemoryStatistics& into) {
  STASIS_ASSIGN(into.pressure, read_pressure(cgroup, "memory.pressure"));
  const CgroupDirectory* memory = find_controller(cgroup, "memory");
  if (memory == nullptr) return {};
  STASIS_ASSIGN(into.raw, read_counts(memory->directory, "memory.stat"));
  return memory->version == Version::kV1 ? read_v1(memory->directory, into)
                                         : read_v2(memory->directory, into);
}

}  // namespace stasis::cgroup
