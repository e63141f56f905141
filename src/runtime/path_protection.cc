#include "runtime/path_protection.h"

#include <cerrno>

#include <fcntl.h>

#include "sys/file.h"
#include "sys/mounting.h"

namespace stasis::runtime {
namespace {

// The target of a protection; an empty descriptor when there is nothing to protect.
Result<UniqueFd> open_target(int root_fd, const std::string& path) {
  auto target = sys::open_in_root(root_fd, path, O_PATH);
  if (!target &&
      (target.error().error_number() == ENOENT || target.error().error_number() == ENOTDIR)) {
    return UniqueFd();
  }
  return target;
}

// The first use of a cover attaches it, later ones attach copies: a mount that is attached nowhere
// could not be copied before Linux 6.15.
class Cover {
 public:
  template <class Make>
  Result<void> attach(int target_fd, Make make) {
    if (!mount_) {
      STASIS_ASSIGN(mount_, make());
      return sys::attach_mount(mount_.get(), target_fd);
    }
    STASIS_ASSIGN(const UniqueFd copy,
                  sys::clone_mount(mount_.get(), "", sys::Recursion::kThisMount));
    return sys::attach_mount(copy.get(), target_fd);
  }

 private:
  UniqueFd mount_;
};

struct Covers {
  Cover directory;
  Cover file;
};

Result<UniqueFd> make_empty_directory() {
  return sys::make_mount(
      "tmpfs", "tmpfs", {{"nr_blocks", "1"}, {"nr_inodes", "1"}},
      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

Result<UniqueFd> bind_null_device() {
  return sys::clone_mount(sys::kCwd, "/dev/null", sys::Recursion::kThisMount);
}

Result<void> mask(Covers& covers, int root_fd, const std::string& path) {
  STASIS_ASSIGN(const UniqueFd target, open_target(root_fd, path));
  if (!target) return {};
  STASIS_ASSIGN(const struct stat st, sys::stat_fd(target.get()));
  return S_ISDIR(st.st_mode) ? covers.directory.attach(target.get(), make_empty_directory)
                             : covers.file.attach(target.get(), bind_null_device);
}

Result<void> make_read_only(int root_fd, const std::string& path) {
  STASIS_ASSIGN(const UniqueFd target, open_target(root_fd, path));
  if (!target) return {};
  STASIS_ASSIGN(const UniqueFd copy,
                sys::clone_mount(target.get(), "", sys::Recursion::kWholeTree));
  STASIS_TRY(sys::set_mount_attributes(copy.get(), {.set = MOUNT_ATTR_RDONLY},
                                       sys::Recursion::kWholeTree));
  return sys::attach_mount(copy.get(), target.get());
}

}  // namespace

Result<void> mask_paths(const Environment& environment, int root_fd) {
  Covers covers;
  for (const std::string& path : environment.masked_paths) {
    STASIS_TRY(mask(covers, root_fd, path).context(fmt::format("masking '{}'", path)));
  }
  return {};
}

Result<void> make_paths_read_only(const Environment& environment, int root_fd) {
  for (const std::string& path : environment.read_only_paths) {
    STASIS_TRY(make_read_only(root_fd, path).context(fmt::format("making '{}' read-only", path)));
  }
  return {};
}

}  // namespace stasis::runtime
