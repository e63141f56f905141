// Time on processors: v1 cpuacct.* and cpu.stat (Documentation/admin-guide/cgroup-v1/cpuacct.rst,
// scheduler/sched-bwc.rst), v2 cpu.stat (cgroup-v2.rst). And which processors: v1 cpuset.*.
#include <array>
#include <utility>

#include "base/parse.h"
#include "cgroup/statistics_parts.h"

namespace stasis::cgroup {
namespace {

constexpr std::uint64_t kNsPerTick = 10'000'000;  // cpuacct.stat counts in USER_HZ
constexpr std::uint64_t kNsPerUs = 1'000;

// Columns of numbers between blanks, after `skipped` lines; a line of another width is an error.
using Table = std::vector<std::vector<std::uint64_t>>;
Result<Table> parse_table(std::string_view text, std::size_t skipped) {
  Table table;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    if (++number <= skipped) continue;
    std::vector<std::uint64_t> row;
    for (const auto word : split_blank(line)) {
      const auto value = parse_number<std::uint64_t>(word);
      if (!value) {
        return fail(ErrorKind::kUnsupported, "line {}: expected numbers, found '{}'", number, line);
      }
      row.push_back(*value);
    }
    table.push_back(std::move(row));
  }
  return table;
}

Result<Table> read_table(const std::string& directory, const std::string& file,
                         std::size_t skipped) {
  STASIS_ASSIGN(const auto text, read_if_there(directory, file));
  if (!text) return Table();
  return parse_table(*text, skipped).context(directory + "/" + file);
}

Result<void> read_v1_usage(const std::string& directory, CpuStatistics& into) {
  STASIS_ASSIGN(into.total_ns, read_count(directory, "cpuacct.usage"));
  STASIS_ASSIGN(const Counts modes, read_counts(directory, "cpuacct.stat"));
  into.user_ns = count_of(modes, "user") * kNsPerTick;
  into.kernel_ns = count_of(modes, "system") * kNsPerTick;
  STASIS_ASSIGN(const Table percpu, read_table(directory, "cpuacct.usage_percpu", 0));
  if (!percpu.empty()) into.percpu_ns = percpu.front();
  // "cpu user system", a line for each.
  STASIS_ASSIGN(const Table all, read_table(directory, "cpuacct.usage_all", 1));
  for (const auto& row : all) {
    if (row.size() != 3) continue;
    into.percpu_user_ns.push_back(row[1]);
    into.percpu_kernel_ns.push_back(row[2]);
  }
  return {};
}

// All v2 cgroups have cpu.stat with the times; the controller adds the periods.
Result<void> read_v2_usage(const std::string& directory, CpuStatistics& into) {
  STASIS_ASSIGN(const Counts counts, read_counts(directory, "cpu.stat"));
  into.total_ns = count_of(counts, "usage_usec") * kNsPerUs;
  into.user_ns = count_of(counts, "user_usec") * kNsPerUs;
  into.kernel_ns = count_of(counts, "system_usec") * kNsPerUs;
  return {};
}

Result<void> read_throttling(const CgroupDirectory& cpu, CpuStatistics& into) {
  STASIS_ASSIGN(const Counts counts, read_counts(cpu.directory, "cpu.stat"));
  into.periods = count_of(counts, "nr_periods");
  into.throttled_periods = count_of(counts, "nr_throttled");
  into.throttled_ns = cpu.version == Version::kV1 ? count_of(counts, "throttled_time")
                                                  : count_of(counts, "throttled_usec") * kNsPerUs;
  return {};
}

Result<std::vector<std::uint16_t>> read_ranges(const std::string& directory,
                                               const std::string& file) {
  STASIS_ASSIGN(const auto text, read_if_there(directory, file));
  return parse_number_ranges(text.value_or("")).context(directory + "/" + file);
}

}  // namespace

Result<void> read_cpu(const ContainerCgroup& cgroup, CpuStatistics& into) {
  if (const CgroupDirectory* usage = find_controller(cgroup, "cpuacct")) {
    STASIS_TRY(usage->version == Version::kV1 ? read_v1_usage(usage->directory, into)
                                              : read_v2_usage(usage->directory, into));
  }
  if (const CgroupDirectory* cpu = find_controller(cgroup, "cpu")) {
    STASIS_TRY(read_throttling(*cpu, into));
  }
  STASIS_ASSIGN(into.pressure, read_pressure(cgroup, "cpu.pressure"));
  return {};
}

Result<void> read_cpuset(const ContainerCgroup& cgroup, CpusetStatistics& into) {
  const CgroupDirectory* v1 = cgroup.find("cpuset");
  if (v1 == nullptr) return {};
  const std::string& directory = v1->directory;
  STASIS_ASSIGN(into.cpus, read_ranges(directory, "cpuset.cpus"));
  STASIS_ASSIGN(into.mems, read_ranges(directory, "cpuset.mems"));
  using Flag = std::uint64_t CpusetStatistics::*;
  static constexpr std::array<std::pair<const char*, Flag>, 8> kFlags{{
      {"cpuset.cpu_exclusive", &CpusetStatistics::cpu_exclusive},
      {"cpuset.mem_hardwall", &CpusetStatistics::mem_hardwall},
      {"cpuset.mem_exclusive", &CpusetStatistics::mem_exclusive},
      {"cpuset.memory_migrate", &CpusetStatistics::memory_migrate},
      {"cpuset.memory_spread_page", &CpusetStatistics::memory_spread_page},
      {"cpuset.memory_spread_slab", &CpusetStatistics::memory_spread_slab},
      {"cpuset.memory_pressure", &CpusetStatistics::memory_pressure},
      {"cpuset.sched_load_balance", &CpusetStatistics::sched_load_balance},
  }};
  for (const auto& [file, member] : kFlags) {
    STASIS_ASSIGN(into.*member, read_count(directory, file));
  }
  constexpr const char* kLevel = "cpuset.sched_relax_domain_level";  // -1: the system's default
  STASIS_ASSIGN(const auto level, read_if_there(directory, kLevel));
  if (level) into.sched_relax_domain_level = parse_number<std::int64_t>(trim(*level)).value_or(0);
  return {};
}

}  // namespace stasis::cgroup
