#include "checkpoint/tmpfs_mounts.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/parse.h"
#include "ns/copied_mount.h"
#include "sys/file.h"
#include "sys/mounting.h"

namespace stasis::checkpoint {
namespace {

bool contains(const std::vector<std::int32_t>& ids, std::int32_t id) {
  return std::ranges::find(ids, id) != ids.end();
}

bool has_option(const std::string& options, std::string_view wanted) {
  return std::ranges::any_of(split(options, ','),
                             [&](std::string_view option) { return option == wanted; });
}

// The mounts that lie at the destinations now. One that was unmounted leads to another mount, which
// is told apart by what it is.
Result<std::vector<std::int32_t>> resolve(int root_fd, const std::vector<std::string>& paths) {
  std::vector<std::int32_t> ids;
  for (const std::string& path : paths) {
    const auto found = sys::open_in_root(root_fd, path, O_PATH);
    if (!found) continue;
    STASIS_ASSIGN(const std::int32_t id, sys::get_mount_id(found->get()));
    ids.push_back(id);
  }
  return ids;
}

Blocker block(const std::string& what, std::string advice) {
  return {.pid = {}, .comm = {}, .where = {}, .what = what, .advice = std::move(advice)};
}

class Finder {
 public:
  Finder(UniqueFd root, UniqueFd mount_namespace, std::vector<Blocker>& blockers)
      : root_(std::move(root)), namespace_(std::move(mount_namespace)), blockers_(blockers) {}

  Result<void> add(const proc::Mount& mount, TmpfsFate fate) {
    const auto opened = sys::open_in_root(root_.get(), mount.mount_point, O_PATH | O_DIRECTORY);
    const auto id = opened ? sys::get_mount_id(opened->get()) : Result<std::int32_t>(-1);
    STASIS_TRY(id);
    if (*id != mount.id) {
      blockers_.push_back(
          block(fmt::format("the tmpfs at '{}', which another mount covers", mount.mount_point),
                "unmount what lies over it before the checkpoint"));
      return {};
    }
    if (fate == TmpfsFate::kMountedBySelf) {
      blockers_.push_back(
          block(fmt::format("a tmpfs at '{}' that the container's configuration does not have",
                            mount.mount_point),
                "unmount it before the checkpoint, or add it to the mounts of config.json"));
      return {};
    }
    // Of a file system that is mounted several times, once.
    if (!seen_.emplace(mount.dev_major, mount.dev_minor).second) return {};
    auto copy = ns::copy_mount(namespace_.get(), opened->get());
    if (!copy) return std::move(copy.error()).context(mount.mount_point);
    STASIS_TRY(sys::set_mount_attributes(
        copy->get(), {.set = MOUNT_ATTR_NOATIME | MOUNT_ATTR_RDONLY}, sys::Recursion::kThisMount));
    found_.push_back({mount.mount_point, std::move(*copy)});
    return {};
  }

  std::vector<OwnTmpfs> take() { return std::move(found_); }

 private:
  UniqueFd root_, namespace_;
  std::vector<Blocker>& blockers_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen_;
  std::vector<OwnTmpfs> found_;
};

}  // namespace

TmpfsFate decide_tmpfs(const proc::Mount& mount, const TmpfsFacts& facts) {
  if (contains(facts.bound_ids, mount.id)) return TmpfsFate::kLeave;
  if (proc::has_device_of(facts.outside, mount)) return TmpfsFate::kLeave;
  if (contains(facts.own_ids, mount.id)) return TmpfsFate::kSave;
  // Masked paths, and the directory that holds the cgroup hierarchies.
  const bool read_only = has_option(mount.options, "ro") || has_option(mount.super_options, "ro");
  return read_only ? TmpfsFate::kLeave : TmpfsFate::kMountedBySelf;
}

Result<std::vector<OwnTmpfs>> find_own_tmpfs(const proc::ProcDir& init,
                                             const ConfiguredMounts& configured,
                                             std::vector<Blocker>& blockers) {
  STASIS_ASSIGN(const auto mounts, proc::read_mountinfo(init));
  STASIS_ASSIGN(const auto self, proc::ProcDir::open(HostPid{::getpid()}));
  STASIS_ASSIGN(UniqueFd root, init.open_file("root", O_PATH | O_DIRECTORY));
  STASIS_ASSIGN(UniqueFd mount_namespace, init.open_file("ns/mnt", O_RDONLY));
  TmpfsFacts facts;
  STASIS_ASSIGN(facts.outside, proc::read_mountinfo(self));
  STASIS_ASSIGN(facts.own_ids, resolve(root.get(), configured.own));
  STASIS_ASSIGN(facts.bound_ids, resolve(root.get(), configured.bound));
  Finder finder(std::move(root), std::move(mount_namespace), blockers);
  for (const proc::Mount& mount : mounts) {
    if (mount.fs_type != "tmpfs") continue;
    const TmpfsFate fate = decide_tmpfs(mount, facts);
    if (fate != TmpfsFate::kLeave) STASIS_TRY(finder.add(mount, fate));
  }
  return finder.take();
}

}  // namespace stasis::checkpoint
