#include "cgroup/statistics.h"

#include "cgroup/statistics_parts.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

// pids.current and pids.max, the same in v1 and v2. Without the controller processes are counted,
// not threads.
Result<void> read_pids(const ContainerCgroup& cgroup, PidsStatistics& into) {
  const CgroupDirectory* pids = find_controller(cgroup, "pids");
  if (pids == nullptr || !sys::exists_at(sys::kCwd, pids->directory + "/pids.current")) {
    STASIS_ASSIGN(const auto processes, cgroup.processes());
    into.current = processes.size();
    return {};
  }
  STASIS_ASSIGN(into.current, read_count(pids->directory, "pids.current"));
  STASIS_ASSIGN(const std::uint64_t limit, read_count(pids->directory, "pids.max"));
  into.limit = limit == kUnlimited ? 0 : limit;
  return {};
}

// "2MB" of "hugetlb.2MB.current"; "" for any other file ("hugetlb.2MB.rsvd.current").
std::string page_size_of(std::string_view file, std::string_view ending) {
  constexpr std::string_view kPrefix = "hugetlb.";
  if (!file.starts_with(kPrefix) || !file.ends_with(ending)) return "";
  file.remove_prefix(kPrefix.size());
  if (file.size() <= ending.size()) return "";
  file.remove_suffix(ending.size());
  return std::string(file.find('.') == file.npos ? file : "");
}

Result<HugePageStatistics> read_page_size(const CgroupDirectory& where, const std::string& size) {
  HugePageStatistics pages;
  const std::string prefix = "hugetlb." + size;
  if (where.version == Version::kV1) {
    STASIS_ASSIGN(pages.usage, read_count(where.directory, prefix + ".usage_in_bytes"));
    STASIS_ASSIGN(pages.max_usage, read_count(where.directory, prefix + ".max_usage_in_bytes"));
    STASIS_ASSIGN(pages.failures, read_count(where.directory, prefix + ".failcnt"));
    return pages;
  }
  STASIS_ASSIGN(pages.usage, read_count(where.directory, prefix + ".current"));
  STASIS_ASSIGN(const Counts events, read_counts(where.directory, prefix + ".events"));
  pages.failures = count_of(events, "max");
  return pages;
}

Result<void> read_huge_pages(const ContainerCgroup& cgroup,
                             std::map<std::string, HugePageStatistics>& into) {
  const CgroupDirectory* where = find_controller(cgroup, "hugetlb");
  if (where == nullptr) return {};
  const char* ending = where->version == Version::kV1 ? ".usage_in_bytes" : ".current";
  STASIS_ASSIGN(const auto files, sys::list_dir_at(sys::kCwd, where->directory));
  for (const std::string& file : files) {
    const std::string size = page_size_of(file, ending);
    if (size.empty()) continue;
    STASIS_ASSIGN(into[size], read_page_size(*where, size));
  }
  return {};
}

// Files may be missing, but not all of them.
Result<void> expect_directories(const ContainerCgroup& cgroup) {
  for (const CgroupDirectory& one : cgroup.record().directories) {
    if (sys::exists_at(sys::kCwd, one.directory)) continue;
    return fail(ErrorKind::kNotFound, "the cgroup '{}' is gone", one.directory);
  }
  return {};
}

}  // namespace

Result<Statistics> read_statistics(const ContainerCgroup& cgroup) {
  STASIS_TRY(expect_directories(cgroup));
  Statistics statistics;
  STASIS_TRY(read_cpu(cgroup, statistics.cpu));
  STASIS_TRY(read_cpuset(cgroup, statistics.cpuset));
  STASIS_TRY(read_memory(cgroup, statistics.memory));
  STASIS_TRY(read_pids(cgroup, statistics.pids));
  STASIS_TRY(read_block_io(cgroup, statistics.block_io));
  STASIS_TRY(read_huge_pages(cgroup, statistics.huge_pages));
  return statistics;
}

}  // namespace stasis::cgroup
