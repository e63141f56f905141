// The fixture of tests on trees of ordinary files that stand for the cgroups of a machine with v1,
// v2 or both, with those of one container in them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cgroup/container_cgroup.h"
#include "unit/support/file_tree.h"

namespace stasis::cgroup {

class CgroupTree : public test::FileTree {
 protected:
  // A hierarchy at ROOT/NAME with the container's cgroup "c" in it.
  void add_v1(const std::string& controller) {
    std::filesystem::create_directories(root_ + "/" + controller + "/c");
    hierarchies_.push_back({Version::kV1, {controller}, root_ + "/" + controller, "/", "/"});
    record_.directories.push_back(
        {Version::kV1, {controller}, root_ + "/" + controller + "/c", "/c"});
  }
  void add_v2(const std::string& controllers, const std::string& enabled) {
    write("v2/cgroup.controllers", controllers + "\n");
    write("v2/cgroup.subtree_control", enabled + "\n");
    std::filesystem::create_directories(root_ + "/v2/c");
    hierarchies_.push_back({Version::kV2, {}, root_ + "/v2", "/", "/"});
    record_.directories.push_back({Version::kV2, {}, root_ + "/v2/c", "/c"});
  }

  std::vector<Hierarchy> hierarchies_;
  CgroupRecord record_;
};

}  // namespace stasis::cgroup
