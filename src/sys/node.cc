#include "sys/node.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cstdio>

#include "sys/call.h"

namespace stasis::sys {

Result<void> make_node_at(int dir_fd, const std::string& name, mode_t mode, dev_t device) {
  if (::mknodat(dir_fd, name.c_str(), mode, device) != 0) return last_error("mknod '{}'", name);
  return {};
}

Result<void> make_symlink_at(const std::string& target, int dir_fd, const std::string& name) {
  if (::symlinkat(target.c_str(), dir_fd, name.c_str()) != 0) {
    return last_error("symlink '{}' to '{}'", name, target);
  }
  return {};
}

Result<void> set_owner_at(int dir_fd, const std::string& name, uid_t uid, gid_t gid) {
  if (::fchownat(dir_fd, name.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return last_error("chown '{}' to {}:{}", name, uid, gid);
  }
  return {};
}

Result<void> set_owner_following(const std::string& path, uid_t uid, gid_t gid) {
  if (::chown(path.c_str(), uid, gid) != 0) return last_error("chown '{}'", path);
  return {};
}

Result<void> set_owner(int fd, uid_t uid, gid_t gid) {
  if (::fchown(fd, uid, gid) != 0) return last_error("fchown fd {} to {}:{}", fd, uid, gid);
  return {};
}

Result<void> set_mode_at(int dir_fd, const std::string& name, mode_t mode) {
  if (::fchmodat(dir_fd, name.c_str(), mode, 0) != 0) {
    return last_error("chmod '{}' to {:o}", name, mode);
  }
  return {};
}

Result<void> rename_replace(int dir_fd, const std::string& from, const std::string& to) {
  if (::renameat(dir_fd, from.c_str(), dir_fd, to.c_str()) != 0) {
    return last_error("rename '{}' to '{}'", from, to);
  }
  return {};
}

Result<void> make_link_at(int from_dir_fd, const std::string& from, int dir_fd,
                          const std::string& name) {
  if (::linkat(from_dir_fd, from.c_str(), dir_fd, name.c_str(), 0) != 0) {
    return last_error("link '{}' to '{}'", name, from);
  }
  return {};
}

Result<void> make_fifo_at(int dir_fd, const std::string& name, mode_t mode) {
  if (::mkfifoat(dir_fd, name.c_str(), mode) != 0) return last_error("mkfifo '{}'", name);
  return {};
}

Result<void> lock_exclusive(int fd) {
  if (retry([&] { return ::syscall(SYS_flock, fd, LOCK_EX); }) != 0)
    return last_error("flock fd {}", fd);
  return {};
}

Result<void> try_lock_exclusive(int fd) {
  if (::syscall(SYS_flock, fd, LOCK_EX | LOCK_NB) != 0) return last_error("flock fd {}", fd);
  return {};
}

}  // namespace stasis::sys
