// Which cgroup hierarchies are mounted here, v1, v2 or both (hybrid), and where this process is in
// them: /proc/self/mountinfo and /proc/self/cgroup (cgroups(7), proc(5)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stasis::cgroup {

enum class Version { kV1, kV2 };

struct Hierarchy {
  Version version = Version::kV1;
  // v1: "cpu", "cpuacct", or "name=systemd" of a hierarchy without controllers. v2: empty here, as
  // /proc does not tell; see read_v2_controllers().
  std::vector<std::string> controllers;
  std::string mount_point;  // "/sys/fs/cgroup/memory"
  std::string mount_root;   // the cgroup that the mount shows as its root; "/" outside containers
  std::string own_path;     // this process's cgroup, from the hierarchy's root; "" when unknown
  bool operator==(const Hierarchy&) const = default;

  bool has_controller(std::string_view name) const;
  // Where the mount shows the cgroup `path` (from the hierarchy's root). A path outside
  // `mount_root` cannot be seen and is taken relative to it.
  std::string directory_of(std::string_view path) const;
};

// Both texts whole. A line that cannot be read is an error with its number; a hierarchy that is not
// mounted is left out, one that is mounted twice counts once.
Result<std::vector<Hierarchy>> parse_hierarchies(std::string_view mountinfo,
                                                 std::string_view own_cgroups);
Result<std::vector<Hierarchy>> read_hierarchies();

// One line of /proc/PID/cgroup.
struct Membership {
  std::vector<std::string> controllers;  // empty: v2
  std::string path;
  bool operator==(const Membership&) const = default;
};
Result<std::vector<Membership>> parse_memberships(std::string_view text);

}  // namespace stasis::cgroup
