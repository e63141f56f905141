// Masked and read-only paths of a container. Runs in the child.
#pragma once

#include "base/result.h"
#include "runtime/environment.h"
#include "runtime/rootfs_mounts.h"

namespace stasis::runtime {

// Covers masked files with the null device and masked directories with one empty read-only tmpfs
// that all of them share. A path that does not exist needs no mask.
Result<void> mask_paths(const Environment& environment, const MountedTree& tree, int root_fd);
// Binds each path over itself, read-only, with all below it.
Result<void> make_paths_read_only(const Environment& environment, const MountedTree& tree,
                                  int root_fd);

}  // namespace stasis::runtime
