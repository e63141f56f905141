// The fixture of tests on a tree of ordinary files that stands for a resctrl file system: a class
// "gold" that somebody has made, and no more.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>

namespace stasis::resctrl {

class ResctrlTree : public testing::Test {
 protected:
  ResctrlTree() {
    std::string pattern = std::filesystem::temp_directory_path() / "resctrl-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    write("schemata", "    MB:0=100\n    L3:0=fffff\n");
    write("info/last_cmd_status", "ok\n");
    write("info/L3_MON/mon_features", "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n");
    write("gold/schemata", "    MB:0= 20\n    L3:0=000ff\n");
    write("gold/tasks", "");
    std::filesystem::create_directories(root_ + "/gold/mon_groups");
  }
  ~ResctrlTree() override { std::filesystem::remove_all(root_); }

  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + file).parent_path());
    std::ofstream(root_ + "/" + file) << text;
  }
  std::string read(const std::string& file) const {
    std::ostringstream text;
    text << std::ifstream(root_ + "/" + file).rdbuf();
    return text.str();
  }
  bool exists(const std::string& file) const { return std::filesystem::exists(root_ + "/" + file); }

  std::string root_;
};

}  // namespace stasis::resctrl
