#include "sys/unnamed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {

Result<UniqueFd> open_unnamed_at(int dir_fd, mode_t mode) {
  const int fd = retry([&] { return ::openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode); });
  if (fd >= 0) return UniqueFd(fd);
  if (errno == EISDIR) return last_error("open an unnamed file").as(ErrorKind::kUnsupported);
  return last_error("open an unnamed file");
}

Result<void> link_fd_at(int fd, int dir_fd, const std::string& name) {
  if (::linkat(fd, "", dir_fd, name.c_str(), AT_EMPTY_PATH) == 0) return {};
  if (errno == ENOENT) {
    const std::string path = fmt::format("/proc/self/fd/{}", fd);
    if (::linkat(AT_FDCWD, path.c_str(), dir_fd, name.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
  }
  return last_error("link fd {} to '{}'", fd, name);
}

Result<void> link_at(int dir_fd, const std::string& from, const std::string& to) {
  if (::linkat(dir_fd, from.c_str(), dir_fd, to.c_str(), 0) != 0) {
    return last_error("link '{}' to '{}'", from, to);
  }
  return {};
}

}  // namespace stasis::sys
