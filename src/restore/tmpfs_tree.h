// Makes the tree of one tmpfs equal to a saved one.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "image/reader.h"
#include "model/filesystem.h"

namespace stasis::restore {

struct TreeTarget {
  int tree = -1;  // the file system, writable, with nothing mounted on it
  // Paths in the tree on which something is mounted elsewhere: these inodes stay.
  std::set<std::string> mount_points;
  HostPid init;  // device nodes are made under its device cgroup
};

Result<void> restore_tree(const image::ImageReader& image,
                          const std::vector<model::TreeEntry>& entries, const TreeTarget& target,
                          std::vector<std::string>& warnings);

}  // namespace stasis::restore
