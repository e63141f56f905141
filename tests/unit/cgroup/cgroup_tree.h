// The fixture of tests on trees of ordinary files that stand for the cgroups of a machine with v1,
// v2 or both, with those of one container in them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cgroup/container_cgroup.h"

namespace stasis::cgroup {

class CgroupTree : public testing::Test {
 protected:
  CgroupTree() {
    std::string pattern = std::filesystem::temp_directory_path() / "cgroup-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~CgroupTree() override { std::filesystem::remove_all(root_); }

  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + file).parent_path());
    std::ofstream(root_ + "/" + file) << text;
  }
  std::string read(const std::string& file) const {
    std::ostringstream text;
    text << std::ifstream(root_ + "/" + file).rdbuf();
    return text.str();
  }

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

  std::string root_;
  std::vector<Hierarchy> hierarchies_;
  CgroupRecord record_;
};

}  // namespace stasis::cgroup
