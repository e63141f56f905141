// /proc/PID/mountinfo: the mounts of a mount namespace below the root of the task
// (proc_pid_mountinfo(5), fs/proc_namespace.c show_mountinfo).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

// The columns in their order; names are decoded.
struct Mount {
  std::int32_t id = 0;
  std::int32_t parent_id = 0;  // may name a mount that is not listed, or itself
  std::uint32_t dev_major = 0, dev_minor = 0;
  std::string root;                      // what of the filesystem is mounted; "net:[N]" for nsfs
  std::string mount_point;               // relative to the root of the task
  std::string options;                   // of the mount: "rw,nosuid,relatime"
  std::vector<std::string> propagation;  // "shared:N", "master:N", "propagate_from:N", "unbindable"
  std::string fs_type;                   // with subtype: "fuse.sshfs"
  std::string source;                    // may be empty
  std::string super_options;             // of the superblock
  bool operator==(const Mount&) const = default;
};

// In the order of the kernel: a mount stands below what it covers.
Result<std::vector<Mount>> parse_mountinfo(std::string_view text);
Result<std::vector<Mount>> read_mountinfo(const ProcDir& dir);

// nullptr: not listed.
const Mount* find_mount(const std::vector<Mount>& mounts, std::int32_t id);
// Whether a mount shows the file system (superblock) of `mount`.
bool has_same_device(const Mount& one, const Mount& other);
bool has_device_of(const std::vector<Mount>& mounts, const Mount& mount);
// The mount with the longest mount point that is `path` or one of its parent directories; of
// several there, the last, which covers the others. `path` is absolute, without "." and "..".
const Mount* find_mount_of_path(const std::vector<Mount>& mounts, std::string_view path);

}  // namespace stasis::proc
