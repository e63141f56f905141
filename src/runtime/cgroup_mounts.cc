#include "runtime/cgroup_mounts.h"

#include <fcntl.h>

#include "sys/file.h"
#include "sys/node.h"

namespace stasis::runtime {
namespace {

// A hierarchy never holds programs or devices.
constexpr std::uint64_t kAlways = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

Result<UniqueFd> clone_view(const CgroupView& view, const MountOptions& options) {
  STASIS_ASSIGN(UniqueFd source,
                sys::clone_mount(sys::kCwd, view.source, sys::Recursion::kThisMount));
  const sys::MountAttributes& asked = options.attributes;
  STASIS_TRY(sys::set_mount_attributes(
      source.get(), {.set = asked.set | kAlways, .clear = asked.clear & ~kAlways},
      sys::Recursion::kThisMount));
  return source;
}

Result<void> bind_view(const CgroupView& view, const MountOptions& options, int parent_fd) {
  STASIS_ASSIGN(const UniqueFd source, clone_view(view, options));
  STASIS_TRY(sys::make_dir_at(parent_fd, view.name, 0755));
  STASIS_ASSIGN(const UniqueFd target, sys::open_at(parent_fd, view.name, O_PATH | O_NOFOLLOW));
  STASIS_TRY(sys::attach_mount(source.get(), target.get()));
  for (const std::string& alias : view.aliases) {
    STASIS_TRY(sys::make_symlink_at(view.name, parent_fd, alias));
  }
  return {};
}

}  // namespace

Result<UniqueFd> mount_cgroups(const MountOptions& options, const std::vector<CgroupView>& views,
                               int target_fd) {
  if (views.size() == 1 && views.front().name.empty()) {
    STASIS_ASSIGN(UniqueFd view, clone_view(views.front(), options));
    STASIS_TRY(sys::attach_mount(view.get(), target_fd));
    return view;
  }
  STASIS_ASSIGN(UniqueFd directory, sys::make_mount("tmpfs", "tmpfs", {{"mode", "755"}}, kAlways));
  STASIS_TRY(sys::attach_mount(directory.get(), target_fd));
  for (const CgroupView& view : views) {
    STASIS_TRY(bind_view(view, options, directory.get()).context(view.name));
  }
  return directory;
}

}  // namespace stasis::runtime
