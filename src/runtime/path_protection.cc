#include "runtime/path_protection.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "runtime/rootfs_paths.h"
#include "sys/file.h"
#include "sys/mounting.h"

namespace stasis::runtime {
namespace {

// What to protect: what the path names, and what it names in the mounted /proc or /sys, if that is
// another file by now. None when there is nothing.
Result<std::vector<UniqueFd>> open_targets(const MountedTree& tree, int root_fd,
                                           const std::string& path) {
  std::vector<UniqueFd> targets;
  STASIS_ASSIGN(UniqueFd mounted, tree.open_in_kernel_mount(path));
  STASIS_ASSIGN(UniqueFd named, open_if_exists(root_fd, path));
  if (mounted && named) {
    STASIS_ASSIGN(const bool is_same, is_same_place(mounted.get(), named.get()));
    if (is_same) named.reset();
  }
  for (UniqueFd* one : {&mounted, &named}) {
    if (*one) targets.push_back(std::move(*one));
  }
  return targets;
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

// Whatever the machine's /dev/null has become: covered with anything else, a masked file would tell
// or take something.
Result<UniqueFd> bind_null_device() {
  constexpr unsigned kMajor = 1;
  constexpr unsigned kMinor = 3;
  STASIS_ASSIGN(const UniqueFd device, sys::open("/dev/null", O_PATH | O_NOFOLLOW));
  STASIS_ASSIGN(const struct stat st, sys::stat_fd(device.get()));
  if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(kMajor, kMinor)) {
    return fail(ErrorKind::kConflict, "'/dev/null' is not the null device: make it one again");
  }
  return sys::clone_mount(device.get(), "", sys::Recursion::kThisMount);
}

Result<void> mask(Covers& covers, int target_fd) {
  STASIS_ASSIGN(const struct stat st, sys::stat_fd(target_fd));
  return S_ISDIR(st.st_mode) ? covers.directory.attach(target_fd, make_empty_directory)
                             : covers.file.attach(target_fd, bind_null_device);
}

Result<void> make_read_only(int target_fd) {
  STASIS_ASSIGN(const UniqueFd copy, sys::clone_mount(target_fd, "", sys::Recursion::kWholeTree));
  STASIS_TRY(sys::set_mount_attributes(copy.get(), {.set = MOUNT_ATTR_RDONLY},
                                       sys::Recursion::kWholeTree));
  return sys::attach_mount(copy.get(), target_fd);
}

template <class Protect>
Result<void> protect(const std::vector<std::string>& paths, const MountedTree& tree, int root_fd,
                     Protect one) {
  for (const std::string& path : paths) {
    STASIS_ASSIGN(const auto targets, open_targets(tree, root_fd, path).context(path));
    for (const UniqueFd& target : targets) STASIS_TRY(one(target.get()).context(path));
  }
  return {};
}

}  // namespace

Result<void> mask_paths(const Environment& environment, const MountedTree& tree, int root_fd) {
  Covers covers;
  return protect(environment.masked_paths, tree, root_fd,
                 [&](int target_fd) { return mask(covers, target_fd); })
      .context("linux.maskedPaths");
}

Result<void> make_paths_read_only(const Environment& environment, const MountedTree& tree,
                                  int root_fd) {
  return protect(environment.read_only_paths, tree, root_fd, make_read_only)
      .context("linux.readonlyPaths");
}

}  // namespace stasis::runtime
