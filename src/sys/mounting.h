// The mount system calls that work on descriptors: open_tree(2), fsopen(2), fsconfig(2),
// fsmount(2), move_mount(2) (Linux 5.2), mount_setattr(2) (Linux 5.12), and pivot_root(2),
// umount2(2), chroot(2). CAP_SYS_ADMIN in the user namespace that owns the mount namespace
// (chroot: CAP_SYS_CHROOT).
// EINVAL of move_mount and pivot_root: a shared parent mount, or the target is no mount point.
// EBUSY of fsmount and move_mount: the file system is in use read-write and ro was asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/mount.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

enum class Recursion { kThisMount, kWholeTree };

// A detached copy of the mount at `path` (open_tree with OPEN_TREE_CLONE): what a bind mount binds.
// An empty `path` means the mount that `dir_fd` itself refers to.
Result<UniqueFd> clone_mount(int dir_fd, const std::string& path, Recursion recursion);

// The mount that an open file lies on, as /proc/PID/mountinfo numbers it: statx(2) STATX_MNT_ID,
// Linux 5.8.
Result<std::int32_t> get_mount_id(int fd);

// Whether the open file is the root of a mount: statx(2) STATX_ATTR_MOUNT_ROOT, Linux 5.8.
Result<bool> is_mount_root(int fd);

// openat2(2) of what the file system itself has at `path` below `dir_fd`: nothing that is mounted
// over it (EXDEV), no symlink (ELOOP). Close-on-exec.
Result<UniqueFd> open_on_mount(int dir_fd, const std::string& path, int flags);

// Types of file systems, as get_filesystem_type() of sys/file.h tells them.
inline constexpr std::uint64_t kDevptsType = 0x1cd1;
inline constexpr std::uint64_t kProcType = 0x9fa0;

// Whether the open file can be written to through its mount: fstatfs(2), ST_RDONLY of the mount or
// of the file system.
Result<bool> is_read_only_mount(int fd);

// A parameter of a file system: a flag when the value is empty.
using MountParameter = std::pair<std::string, std::string>;
// A new instance of a file system, not attached anywhere: fsopen, fsconfig, fsmount. `attributes`:
// MOUNT_ATTR_ bits. The kernel's own explanation is part of the error where it gives one.
Result<UniqueFd> make_mount(const std::string& type, const std::string& source,
                            const std::vector<MountParameter>& parameters,
                            std::uint64_t attributes);

// Attaches a detached or attached mount to the place that `target_fd` (O_PATH) refers to.
Result<void> attach_mount(int mount_fd, int target_fd);

// mount_setattr(2) on the mount that `fd` refers to. `set` and `clear` are MOUNT_ATTR_ bits; where
// `set` names an access time policy, the old one is replaced. `propagation` is 0 or one of
// MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE.
struct MountAttributes {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  std::uint64_t propagation = 0;
};
Result<void> set_mount_attributes(int fd, const MountAttributes& attributes, Recursion recursion);

// MOUNT_ATTR_IDMAP: files appear with the owners that the user namespace maps theirs to, and keep
// them on the file system. Only of mounts that are attached nowhere; CAP_SYS_ADMIN in the file
// system's user namespace. EINVAL: the file system cannot (FS_ALLOW_IDMAP of its driver).
Result<void> set_mount_id_map(int mount_fd, int user_namespace_fd, Recursion recursion);

// Changes parameters of the file system that the mount at `target_fd` (O_PATH) shows, as
// `mount -o remount` does: fspick(2), FSCONFIG_CMD_RECONFIGURE. Those not named stay.
Result<void> reconfigure_file_system(int target_fd, const std::vector<MountParameter>& parameters);

// umount2(2) of the mount on top of `path`.
Result<void> unmount(const std::string& path, int flags);

// The calling process's root becomes the mount that `root_fd` is the root of; the old root and all
// below it is detached; the working directory is the new "/". pivot_root(".", ".") stacks the old
// root on the new one, so that no directory is needed to put it (pivot_root(2), "pivot_root(".",
// ".")").
Result<void> change_root_by_pivot(int root_fd);
// The same by moving the mount over "/" and chroot: for a root on a ramdisk, which cannot be
// pivoted.
Result<void> change_root_by_move(int root_fd);

}  // namespace stasis::sys
