#include "checkpoint/inotify_paths.h"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <deque>

#include <fmt/format.h>

#include "sys/file.h"
#include "sys/file_handle.h"

namespace stasis::checkpoint {
namespace {

constexpr std::size_t kMostEntries = 500'000;

std::optional<sys::FileHandle> handle_of(const proc::InotifyWatchInfo& watch) {
  if (!watch.handle) return std::nullopt;
  return sys::FileHandle{watch.handle->type, watch.handle->bytes};
}

// Whether `name` in `dir` is what the watch is on.
bool is_watched(int dir, const std::string& name, const proc::InotifyWatchInfo& watch) {
  if (const auto wanted = handle_of(watch)) {
    const auto handle = sys::get_file_handle(dir, name);
    return handle && *handle && **handle == *wanted;
  }
  const auto status = sys::stat_at(dir, name, AT_SYMLINK_NOFOLLOW);
  return status && status->st_ino == watch.inode;
}

Result<bool> leads_to(const FileContext& context, const std::string& path,
                      const proc::InotifyWatchInfo& watch) {
  const auto slash = path.find_last_of('/');
  const std::string parent = slash == 0 ? "/" : path.substr(0, slash);
  const std::string name = path == "/" ? "." : path.substr(slash + 1);
  const auto dir = sys::open_in_root(context.root.get(), parent, O_PATH | O_DIRECTORY);
  return dir && is_watched(dir->get(), name, watch);
}

Result<std::optional<std::string>> find_by_handle(const FileContext& context, int mount,
                                                  const proc::InotifyWatchInfo& watch) {
  const auto handle = handle_of(watch);
  if (!handle) return std::optional<std::string>();
  const auto opened = sys::open_by_handle(mount, *handle);
  if (!opened) return std::optional<std::string>();
  STASIS_ASSIGN(const auto seen,
                sys::read_link_at(sys::kCwd, fmt::format("/proc/self/fd/{}", opened->get())));
  const std::string path = context.path_in_container(seen);
  STASIS_ASSIGN(const bool right, leads_to(context, path, watch));
  return right ? std::optional(path) : std::nullopt;
}

// Breadth first: watched directories lie high.
Result<std::optional<std::string>> search(const FileContext& context, const proc::Mount& mount,
                                          const proc::InotifyWatchInfo& watch) {
  const dev_t device = ::makedev(mount.dev_major, mount.dev_minor);
  std::deque<std::string> directories{mount.mount_point};
  STASIS_ASSIGN(const bool at_top, leads_to(context, mount.mount_point, watch));
  if (at_top) return std::optional(mount.mount_point);
  for (std::size_t seen = 0; !directories.empty() && seen < kMostEntries;) {
    const std::string path = std::move(directories.front());
    directories.pop_front();
    const auto dir =
        sys::open_in_root(context.root.get(), path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!dir) continue;
    const auto status = sys::stat_fd(dir->get());
    if (!status || status->st_dev != device) continue;  // another mount
    const auto names = sys::list_dir(dir->get());
    if (!names) continue;
    for (const auto& name : *names) {
      ++seen;
      const std::string child = path == "/" ? "/" + name : path + "/" + name;
      if (is_watched(dir->get(), name, watch)) return std::optional(child);
      const auto kind = sys::stat_at(dir->get(), name, AT_SYMLINK_NOFOLLOW);
      if (kind && S_ISDIR(kind->st_mode)) directories.push_back(child);
    }
  }
  return std::optional<std::string>();
}

}  // namespace

Result<std::optional<std::string>> find_inotify_path(const FileContext& context,
                                                     const proc::InotifyWatchInfo& watch) {
  for (const auto& mount : context.mounts) {
    if (mount.dev_major != watch.dev_major || mount.dev_minor != watch.dev_minor) continue;
    const auto top = sys::open_in_root(context.root.get(), mount.mount_point,
                                       O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    if (!top) continue;
    STASIS_ASSIGN(auto found, find_by_handle(context, top->get(), watch));
    if (!found) {
      STASIS_ASSIGN(found, search(context, mount, watch));
    }
    if (found) return found;
  }
  return std::optional<std::string>();
}

}  // namespace stasis::checkpoint
