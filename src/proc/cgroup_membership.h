// /proc/PID/cgroup: where a task is in each cgroup hierarchy, v1 and v2 (cgroups(7)).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

struct CgroupMembership {
  std::uint32_t hierarchy = 0;           // 0: v2
  std::vector<std::string> controllers;  // v1: "cpu", "name=systemd"; v2: none
  std::string path;                      // below the root of the reader's cgroup namespace; "/../x"
                                         // outside of it
  bool deleted = false;                  // the cgroup directory was removed (a zombie's)
  bool operator==(const CgroupMembership&) const = default;
};

Result<std::vector<CgroupMembership>> parse_cgroup(std::string_view text);
Result<std::vector<CgroupMembership>> read_cgroup(const ProcDir& dir);

// nullptr: that controller is in no v1 hierarchy.
const CgroupMembership* find_v1(const std::vector<CgroupMembership>& all,
                                std::string_view controller);
// nullptr: no v2 hierarchy is mounted.
const CgroupMembership* find_v2(const std::vector<CgroupMembership>& all);

}  // namespace stasis::proc
