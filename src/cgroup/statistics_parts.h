// The parts of read_statistics(), one for each controller, and how their files are read. Used
// inside src/cgroup only. A directory is given by its path.
#pragma once

#include <string>
#include <string_view>

#include "cgroup/statistics.h"

namespace stasis::cgroup {

using Counts = std::map<std::string, std::uint64_t>;

// "KEY NUMBER" lines.
Result<Counts> parse_counts(std::string_view text);
// "0-2,5". Empty: none.
Result<std::vector<std::uint16_t>> parse_number_ranges(std::string_view text);
Result<Pressure> parse_pressure(std::string_view text);

// Nothing: this kernel, or this cgroup, has no such file, or the file has no content for it.
Result<std::optional<std::string>> read_if_there(const std::string& directory,
                                                 const std::string& file);
// One number; 0 without the file; kUnlimited for "max".
Result<std::uint64_t> read_count(const std::string& directory, const std::string& file);
Result<Counts> read_counts(const std::string& directory, const std::string& file);
// 0 for a key that is not there.
std::uint64_t count_of(const Counts& counts, const std::string& key);

Result<void> read_cpu(const ContainerCgroup& cgroup, CpuStatistics& into);
Result<void> read_cpuset(const ContainerCgroup& cgroup, CpusetStatistics& into);
Result<void> read_memory(const ContainerCgroup& cgroup, MemoryStatistics& into);
Result<void> read_block_io(const ContainerCgroup& cgroup, BlockIoStatistics& into);

// The directory with the files of a controller: that of v1, else that of v2, else nullptr.
const CgroupDirectory* find_controller(const ContainerCgroup& cgroup, std::string_view name);

// PSI files are in every v2 cgroup, whatever controllers it has.
Result<std::optional<Pressure>> read_pressure(const ContainerCgroup& cgroup,
                                              const std::string& file);

}  // namespace stasis::cgroup
