#include "restore/tmpfs.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fmt/format.h>

#include "ns/copied_mount.h"
#include "proc/mountinfo.h"
#include "proc/proc_dir.h"
#include "restore/tmpfs_tree.h"
#include "sys/file.h"
#include "sys/mounting.h"

namespace stasis::restore {
namespace {

// `path` below `base`, both absolute: "a/b", or "" when they are equal.
std::string relative_to(const std::string& base, const std::string& path) {
  if (base == "/") return path.substr(1);
  return path.size() > base.size() ? path.substr(base.size() + 1) : "";
}

std::string join(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() ? one + other : one + "/" + other;
}

// Where in the file system of `mount` other mounts lie, also those that lie in another view of it.
std::set<std::string> find_mount_points(const std::vector<proc::Mount>& mounts,
                                        const proc::Mount& mount) {
  std::set<std::string> points;
  for (const proc::Mount& one : mounts) {
    const proc::Mount* parent = proc::find_mount(mounts, one.parent_id);
    if (parent == nullptr || parent == &one || !proc::has_same_device(*parent, mount)) continue;
    if (!parent->root.starts_with('/')) continue;  // of a directory that was removed
    points.insert(join(parent->root.substr(1), relative_to(parent->mount_point, one.mount_point)));
  }
  return points;
}

class TmpfsRestorer {
 public:
  TmpfsRestorer(const image::ImageReader& image, HostPid init, std::vector<std::string>& warnings)
      : image_(image), init_(init), warnings_(warnings) {}

  Result<void> run() {
    STASIS_ASSIGN(const auto dir, proc::ProcDir::open(init_));
    STASIS_ASSIGN(const auto self, proc::ProcDir::open(HostPid{::getpid()}));
    STASIS_ASSIGN(root_, dir.open_file("root", O_PATH | O_DIRECTORY));
    STASIS_ASSIGN(namespace_, dir.open_file("ns/mnt", O_RDONLY));
    STASIS_ASSIGN(mounts_, proc::read_mountinfo(dir));
    STASIS_ASSIGN(outside_, proc::read_mountinfo(self));
    for (const model::TmpfsMount& saved : image_.container().tmpfs) {
      STASIS_TRY(
          restore(saved).context(fmt::format("restoring the tmpfs at '{}'", saved.mount_point)));
    }
    return {};
  }

 private:
  Result<void> restore(const model::TmpfsMount& saved) {
    STASIS_ASSIGN(const UniqueFd place,
                  sys::open_in_root(root_.get(), saved.mount_point, O_PATH | O_DIRECTORY));
    STASIS_ASSIGN(const std::int32_t id, sys::get_mount_id(place.get()));
    const proc::Mount* mount = proc::find_mount(mounts_, id);
    const bool own = mount != nullptr && mount->mount_point == saved.mount_point &&
                     mount->root == "/" && mount->fs_type == "tmpfs" &&
                     !proc::has_device_of(outside_, *mount);
    if (!own) {
      return fail(ErrorKind::kConflict,
                  "this container has no tmpfs of its own there: restore with the mounts of the "
                  "checkpoint in config.json");
    }
    STASIS_ASSIGN(const UniqueFd tree, ns::copy_mount(namespace_.get(), place.get()));
    STASIS_TRY(sys::set_mount_attributes(tree.get(),
                                         {.set = MOUNT_ATTR_NOATIME, .clear = MOUNT_ATTR_RDONLY},
                                         sys::Recursion::kThisMount));
    const TreeTarget target{tree.get(), find_mount_points(mounts_, *mount), init_};
    return restore_tree(image_, saved.entries, target, warnings_);
  }

  const image::ImageReader& image_;
  HostPid init_;
  std::vector<std::string>& warnings_;
  UniqueFd root_, namespace_;
  std::vector<proc::Mount> mounts_, outside_;
};

}  // namespace

Result<void> restore_tmpfs(const image::ImageReader& image, HostPid init,
                           std::vector<std::string>& warnings) {
  if (image.container().tmpfs.empty()) return {};
  return TmpfsRestorer(image, init, warnings).run();
}

}  // namespace stasis::restore
