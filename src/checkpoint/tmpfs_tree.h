// The tree of a tmpfs: what there is, then what is in the files. Not here: which mounts
// (checkpoint/tmpfs_mounts.h).
#pragma once

#include <vector>

#include "base/result.h"
#include "checkpoint/tmpfs_mounts.h"
#include "image/writer.h"
#include "model/filesystem.h"

namespace stasis::checkpoint {

// Describes every entry; contents only by their size. `tree`: the root of the file system.
Result<std::vector<model::TreeEntry>> collect_tree(int tree);

// Copies the contents of the regular files of mounts[i] and sets their extents in described[i].
Result<void> save_trees(const std::vector<OwnTmpfs>& mounts,
                        std::vector<model::TmpfsMount>& described, image::ImageWriter& image);

}  // namespace stasis::checkpoint
