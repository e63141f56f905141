#include "resctrl/statistics.h"

#include "base/parse.h"
#include "resctrl/schemata.h"
#include "sys/file.h"

namespace stasis::resctrl {
namespace {

Result<std::uint64_t> read_number(const std::string& path) {
  STASIS_ASSIGN(const std::string text, sys::read_file(path));
  const auto number = parse_number<std::uint64_t>(trim(text));
  if (!number) return fail(ErrorKind::kKernel, "{}: expected a number, found '{}'", path, text);
  return *number;
}

// "Unavailable" and "Error" stand in the file when there is no figure.
std::optional<std::uint64_t> measured(const std::string& path) {
  const auto number = read_number(path);
  return number ? std::optional(*number) : std::nullopt;
}

Result<CacheLimits> read_cache_limits(const std::string& directory) {
  CacheLimits limits;
  STASIS_ASSIGN(const std::string mask, sys::read_file(directory + "/cbm_mask"));
  limits.cbm_mask = trim(mask);
  STASIS_ASSIGN(limits.min_cbm_bits, read_number(directory + "/min_cbm_bits"));
  STASIS_ASSIGN(limits.classes, read_number(directory + "/num_closids"));
  return limits;
}

Result<BandwidthLimits> read_bandwidth_limits(const std::string& directory) {
  BandwidthLimits limits;
  STASIS_ASSIGN(limits.granularity, read_number(directory + "/bandwidth_gran"));
  STASIS_ASSIGN(limits.linear, read_number(directory + "/delay_linear"));
  STASIS_ASSIGN(limits.minimum, read_number(directory + "/min_bandwidth"));
  STASIS_ASSIGN(limits.classes, read_number(directory + "/num_closids"));
  return limits;
}

Result<std::string> read_line_of(const std::string& directory, std::string_view resource) {
  STASIS_ASSIGN(const std::string text, sys::read_file(directory + "/schemata"));
  return line_of(text, resource);
}

std::vector<Measured> read_domains(const std::string& data) {
  std::vector<Measured> domains;
  const auto names = sys::list_dir_at(sys::kCwd, data);
  if (!names) return domains;  // a machine without monitoring
  for (const std::string& name : *names) {
    if (!name.starts_with("mon_L3_")) continue;
    const std::string directory = data + "/" + name;
    domains.push_back({.occupancy_bytes = measured(directory + "/llc_occupancy"),
                       .total_bytes = measured(directory + "/mbm_total_bytes"),
                       .local_bytes = measured(directory + "/mbm_local_bytes")});
  }
  return domains;
}

}  // namespace

Result<Statistics> read_statistics(const std::string& root, const oci::ResctrlGroup& group) {
  Statistics statistics;
  if (const std::string directory = root + "/info/L3"; sys::exists_at(sys::kCwd, directory)) {
    STASIS_ASSIGN(statistics.cache, read_cache_limits(directory));
    STASIS_ASSIGN(statistics.cache_schema, read_line_of(group.directory, "L3"));
    STASIS_ASSIGN(statistics.root_cache_schema, read_line_of(root, "L3"));
  }
  if (const std::string directory = root + "/info/MB"; sys::exists_at(sys::kCwd, directory)) {
    STASIS_ASSIGN(statistics.bandwidth, read_bandwidth_limits(directory));
    STASIS_ASSIGN(statistics.bandwidth_schema, read_line_of(group.directory, "MB"));
    STASIS_ASSIGN(statistics.root_bandwidth_schema, read_line_of(root, "MB"));
  }
  statistics.domains =
      read_domains((group.monitor.empty() ? group.directory : group.monitor) + "/mon_data");
  return statistics;
}

}  // namespace stasis::resctrl
