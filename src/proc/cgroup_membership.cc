#include "proc/cgroup_membership.h"

#include <algorithm>

#include "proc/escape.h"
#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kFile = "cgroup";

// "4:memory:/a:b": the path may hold ':' itself.
Result<CgroupMembership> parse_line(std::size_t number, std::string_view line) {
  const auto first = line.find(':');
  const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) {
    return unexpected(kFile, number, "columns", "ID:CONTROLLERS:PATH", line);
  }
  CgroupMembership membership;
  STASIS_TRY(Fields(kFile, number, line)
                 .number_of("hierarchy", line.substr(0, first), membership.hierarchy)
                 .done());
  const auto controllers = line.substr(first + 1, second - first - 1);
  if (!controllers.empty()) {
    for (const auto name : split(controllers, ',')) membership.controllers.emplace_back(name);
  }
  auto path = line.substr(second + 1);
  membership.deleted = take_deleted_suffix(path);
  if (!path.starts_with('/')) return unexpected(kFile, number, "path", "'/...'", path);
  membership.path = path;
  return membership;
}

}  // namespace

Result<std::vector<CgroupMembership>> parse_cgroup(std::string_view text) {
  std::vector<CgroupMembership> all;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    STASIS_ASSIGN(all.emplace_back(), parse_line(++number, line));
  }
  return all;
}

Result<std::vector<CgroupMembership>> read_cgroup(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("cgroup"));
  return parse_cgroup(text).context(dir.name());
}

const CgroupMembership* find_v1(const std::vector<CgroupMembership>& all,
                                std::string_view controller) {
  for (const auto& membership : all) {
    const auto& names = membership.controllers;
    if (std::find(names.begin(), names.end(), controller) != names.end()) return &membership;
  }
  return nullptr;
}

const CgroupMembership* find_v2(const std::vector<CgroupMembership>& all) {
  const auto found = std::find_if(all.begin(), all.end(), [](const CgroupMembership& m) {
    return m.hierarchy == 0 && m.controllers.empty();
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace stasis::proc
