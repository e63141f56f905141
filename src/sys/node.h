// Making and owning file system nodes by descriptor: mknodat(2), symlinkat(2), linkat(2),
// fchownat(2), fchmodat(2), flock(2), and replacing rename(2).
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "base/result.h"

namespace stasis::sys {

// `mode` holds type and permission bits; the umask applies. CAP_MKNOD for devices. EPERM also in a
// user namespace, whatever the capabilities there.
Result<void> make_node_at(int dir_fd, const std::string& name, mode_t mode, dev_t device);
Result<void> make_symlink_at(const std::string& target, int dir_fd, const std::string& name);
// Does not follow a symlink at the end of `name`.
Result<void> set_owner_at(int dir_fd, const std::string& name, uid_t uid, gid_t gid);
Result<void> set_owner(int fd, uid_t uid, gid_t gid);
// Follows a symlink at the end, as /proc/self/fd/N is one.
Result<void> set_owner_following(const std::string& path, uid_t uid, gid_t gid);
// Follows symlinks: Linux has no permissions on them.
Result<void> set_mode_at(int dir_fd, const std::string& name, mode_t mode);
Result<void> rename_replace(int dir_fd, const std::string& from, const std::string& to);
// Another name for `from`, which is no directory; a symbolic link there is not followed.
Result<void> make_link_at(int from_dir_fd, const std::string& from, int dir_fd,
                          const std::string& name);
Result<void> make_fifo_at(int dir_fd, const std::string& name, mode_t mode);
// Waits for the exclusive flock(2) of the open file description.
Result<void> lock_exclusive(int fd);
// EAGAIN: somebody has it.
Result<void> try_lock_exclusive(int fd);

}  // namespace stasis::sys
