#include "sys/inotify.h"

#include <sys/inotify.h>

#include "sys/call.h"

namespace stasis::sys {

Result<UniqueFd> make_inotify() {
  UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd) return last_error("inotify_init1");
  return fd;
}

Result<std::int32_t> add_inotify_watch(int fd, const std::string& path, std::uint32_t mask) {
  const int watch = ::inotify_add_watch(fd, path.c_str(), mask);
  if (watch < 0) return last_error("inotify_add_watch '{}' mask {:#x}", path, mask);
  return watch;
}

Result<void> remove_inotify_watch(int fd, std::int32_t watch) {
  if (::inotify_rm_watch(fd, watch) != 0) return last_error("inotify_rm_watch {}", watch);
  return {};
}

}  // namespace stasis::sys
