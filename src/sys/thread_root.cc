#include "sys/thread_root.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {

Result<void> enter_thread_root(int root_fd) {
  if (::unshare(CLONE_FS) != 0) return last_error("unshare CLONE_FS");
  if (::fchdir(root_fd) != 0) return last_error("fchdir to the container's root");
  if (::chroot(".") != 0) return last_error("chroot to the container's root");
  ::umask(0);
  return {};
}

Result<void> change_thread_dir(const std::string& path) {
  if (::chdir(path.c_str()) != 0) return last_error("chdir '{}'", path);
  return {};
}

Result<void> unshare_thread_files() {
  if (::unshare(CLONE_FILES) != 0) return last_error("unshare CLONE_FILES");
  return {};
}

}  // namespace stasis::sys
