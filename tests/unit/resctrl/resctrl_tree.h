// The fixture of tests on a tree of ordinary files that stands for a resctrl file system: a class
// "gold" that somebody has made, and no more.
#pragma once

#include <filesystem>

#include <gmock/gmock.h>

#include "unit/support/file_tree.h"

namespace stasis::resctrl {

class ResctrlTree : public test::FileTree {
 protected:
  ResctrlTree() {
    write("schemata", "    MB:0=100\n    L3:0=fffff\n");
    write("info/last_cmd_status", "ok\n");
    write("info/L3_MON/mon_features", "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n");
    write("gold/schemata", "    MB:0= 20\n    L3:0=000ff\n");
    write("gold/tasks", "");
    std::filesystem::create_directories(root_ + "/gold/mon_groups");
  }
};

}  // namespace stasis::resctrl
