// File contents that belong to the container: trees of tmpfs mounts, and deleted files that are
// still open or mapped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/data.h"

namespace stasis::model {

struct FileMetadata {
  std::uint32_t mode = 0;      // st_mode, type bits included
  std::uint32_t uid = 0, gid = 0;
  std::int64_t atime_ns = 0, mtime_ns = 0;
  std::uint64_t device = 0;    // st_rdev
  std::vector<std::pair<std::string, Bytes>> xattrs;
  bool operator==(const FileMetadata&) const = default;
};

// An entry of a tmpfs tree, parents before children.
struct TreeEntry {
  std::string path;            // relative to the mount's root, "" for the root itself
  FileMetadata metadata;
  Content content;             // regular files
  std::string link_target;     // symbolic links
  std::string hard_link_of;    // path of an earlier entry with the same inode; "" when first
  bool operator==(const TreeEntry&) const = default;
};

// A tmpfs whose superblock was made for this container.
struct TmpfsMount {
  std::string mount_point;     // in the container's mount namespace
  std::vector<TreeEntry> entries;
  bool operator==(const TmpfsMount&) const = default;
};

// An inode without a name that open files or mappings still use.
struct GhostFile {
  std::string path;            // its last name; the directory is where it is made again
  FileMetadata metadata;
  Content content;
  bool operator==(const GhostFile&) const = default;
};

}  // namespace stasis::model
