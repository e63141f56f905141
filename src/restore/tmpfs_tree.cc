#include "restore/tmpfs_tree.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "restore/device.h"
#include "restore/file_contents.h"
#include "restore/file_metadata.h"
#include "sys/file.h"
#include "sys/memory_file.h"
#include "sys/node.h"

namespace stasis::restore {
namespace {

std::string join(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

// The directory of a path in a tree, and its last component.
struct Place {
  UniqueFd directory;
  std::string name;
};

// The image is not trusted: no component may lead out of the tree.
Result<Place> find_place(int tree, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == path.npos ? "/" : path.substr(0, slash);
  STASIS_ASSIGN(UniqueFd directory,
                sys::open_in_root(tree, parent, O_PATH | O_DIRECTORY | O_NOFOLLOW));
  const std::string name = slash == path.npos ? path : path.substr(slash + 1);
  return Place{std::move(directory), name.empty() ? "." : name};
}

mode_t type_of(std::uint32_t mode) { return mode & S_IFMT; }

bool is_device(std::uint32_t mode) { return S_ISCHR(mode) || S_ISBLK(mode); }

class TreeRestorer {
 public:
  TreeRestorer(const image::ImageReader& image, const std::vector<model::TreeEntry>& entries,
               const TreeTarget& target, std::vector<std::string>& warnings)
      : image_(image), entries_(entries), target_(target), warnings_(warnings) {
    for (const auto& entry : entries) wanted_.emplace(entry.path, &entry);
  }

  Result<void> run() {
    STASIS_TRY(prune("").context("removing what was not there"));
    for (const auto& entry : entries_) STASIS_TRY(put(entry).context(entry.path));
    // Making an entry changes its directory's times.
    for (const auto& entry : entries_) {
      if (!S_ISDIR(entry.metadata.mode)) continue;
      STASIS_ASSIGN(const Place place, find_place(target_.tree, entry.path));
      STASIS_TRY(set_times(place, entry));
    }
    return {};
  }

 private:
  const model::TreeEntry* find(const std::string& path) const {
    const auto found = wanted_.find(path);
    return found == wanted_.end() ? nullptr : found->second;
  }

  bool is_mount_point(const std::string& path) const { return target_.mount_points.contains(path); }

  bool leads_to_mount_point(const std::string& path) const {
    const auto next = target_.mount_points.lower_bound(path + "/");
    return next != target_.mount_points.end() && next->starts_with(path + "/");
  }

  // Removes from a directory what is not wanted, or is something else.
  Result<void> prune(const std::string& directory) {
    STASIS_ASSIGN(const UniqueFd fd,
                  sys::open_in_root(target_.tree, directory.empty() ? "/" : directory,
                                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    STASIS_ASSIGN(const auto names, sys::list_dir(fd.get()));
    for (const std::string& name : names) {
      const std::string path = join(directory, name);
      STASIS_TRY(prune_entry(fd.get(), name, path).context(path));
    }
    return {};
  }

  Result<void> prune_entry(int directory, const std::string& name, const std::string& path) {
    STASIS_ASSIGN(const struct stat status, sys::stat_at(directory, name, AT_SYMLINK_NOFOLLOW));
    const model::TreeEntry* wanted = find(path);
    const bool same_type =
        wanted != nullptr && type_of(wanted->metadata.mode) == type_of(status.st_mode);
    const bool has_mounts = is_mount_point(path) || leads_to_mount_point(path);
    if (has_mounts && wanted != nullptr && (!same_type || !wanted->hard_link_of.empty())) {
      return fail(ErrorKind::kConflict,
                  "something is mounted here, where the checkpoint had another kind of file; "
                  "restore with the mounts of the checkpoint");
    }
    const bool is_directory = S_ISDIR(status.st_mode);
    if (is_directory) STASIS_TRY(prune(path));
    STASIS_ASSIGN(const bool good, is_as_wanted(directory, name, status, wanted));
    if (has_mounts || good) return {};
    return sys::unlink_at(directory, name, is_directory ? AT_REMOVEDIR : 0);
  }

  // Whether an entry can stay; its attributes are set anyway.
  static Result<bool> is_as_wanted(int directory, const std::string& name,
                                   const struct stat& status, const model::TreeEntry* wanted) {
    if (wanted == nullptr || type_of(wanted->metadata.mode) != type_of(status.st_mode)) {
      return false;
    }
    if (S_ISDIR(status.st_mode)) return true;
    if (status.st_nlink != 1 || !wanted->hard_link_of.empty()) return false;
    if (is_device(status.st_mode)) return status.st_rdev == wanted->metadata.device;
    if (!S_ISLNK(status.st_mode)) return false;
    STASIS_ASSIGN(const std::string target, sys::read_link_at(directory, name));
    return target == wanted->link_target;
  }

  Result<void> put(const model::TreeEntry& entry) {
    STASIS_ASSIGN(const Place place, find_place(target_.tree, entry.path));
    if (!entry.hard_link_of.empty()) {
      STASIS_ASSIGN(const Place first, find_place(target_.tree, entry.hard_link_of));
      return sys::make_link_at(first.directory.get(), first.name, place.directory.get(),
                               place.name);
    }
    if (!sys::exists_at(place.directory.get(), place.name)) STASIS_TRY(make(place, entry));
    if (S_ISREG(entry.metadata.mode)) STASIS_TRY(fill(place, entry));
    STASIS_TRY(apply_attributes(place.directory.get(), place.name, entry.metadata, warnings_));
    return S_ISDIR(entry.metadata.mode) ? Result<void>() : set_times(place, entry);
  }

  Result<void> make(const Place& place, const model::TreeEntry& entry) const {
    const int directory = place.directory.get();
    const mode_t private_mode = type_of(entry.metadata.mode) | 0600;
    switch (type_of(entry.metadata.mode)) {
      case S_IFDIR:
        return sys::make_dir_at(directory, place.name, 0700);
      case S_IFLNK:
        return sys::make_symlink_at(entry.link_target, directory, place.name);
      case S_IFCHR:
      case S_IFBLK:
        return make_device_node(directory, place.name, private_mode, entry.metadata.device,
                                target_.init);
      case S_IFREG:
      case S_IFIFO:
      case S_IFSOCK:
        return sys::make_node_at(directory, place.name, private_mode, 0);
      default:
        return fail(ErrorKind::kCorruptImage, "a file of unknown type {:o}", entry.metadata.mode);
    }
  }

  Result<void> fill(const Place& place, const model::TreeEntry& entry) const {
    STASIS_ASSIGN(const UniqueFd fd,
                  sys::open_at(place.directory.get(), place.name, O_RDWR | O_TRUNC | O_NOFOLLOW));
    return fill_file(image_, entry.content, fd.get());
  }

  static Result<void> set_times(const Place& place, const model::TreeEntry& entry) {
    return sys::set_times_at(place.directory.get(), place.name, entry.metadata.atime_ns,
                             entry.metadata.mtime_ns);
  }

  const image::ImageReader& image_;
  const std::vector<model::TreeEntry>& entries_;
  const TreeTarget& target_;
  std::vector<std::string>& warnings_;
  std::unordered_map<std::string_view, const model::TreeEntry*> wanted_;
};

}  // namespace

Result<void> restore_tree(const image::ImageReader& image,
                          const std::vector<model::TreeEntry>& entries, const TreeTarget& target,
                          std::vector<std::string>& warnings) {
  return TreeRestorer(image, entries, target, warnings).run();
}

}  // namespace stasis::restore
