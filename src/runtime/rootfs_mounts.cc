#include "runtime/rootfs_mounts.h"

#include <cerrno>
#include <ranges>

#include <fcntl.h>

#include "runtime/cgroup_mounts.h"
#include "runtime/copy_up.h"
#include "runtime/rootfs_paths.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

using Kind = PlannedMount::Kind;

// What mounting one entry leaves behind.
struct Mounted {
  UniqueFd fd;
  bool delay_read_only = false;
};

bool is_directory(int fd) {
  const auto st = sys::stat_fd(fd);
  return st && S_ISDIR(st->st_mode);
}

bool is_kernel_file_system(const std::string& type) { return type == "proc" || type == "sysfs"; }

// The place of a mount, which may be refused.
class Destination {
 public:
  Destination(const PlannedMount& mount, int root_fd, const ProcGuard& guard)
      : mount_(mount), root_fd_(root_fd), guard_(guard) {}

  Result<UniqueFd> open(NodeType type, MountContent content) const {
    STASIS_TRY(check_proc_destination(mount_.destination, content));
    STASIS_ASSIGN(UniqueFd target, open_unchecked(type));
    STASIS_ASSIGN(const bool is_in_procfs, guard_.check_target(target.get(), content));
    if (!is_in_procfs) return target;
    STASIS_ASSIGN(UniqueFd again, open_unchecked(type));
    STASIS_ASSIGN(const bool is_same, is_same_place(target.get(), again.get()));
    if (!is_same) return fail(ErrorKind::kConflict, "the place has changed while it was mounted");
    return again;
  }

 private:
  // A new /proc or /sys must not land where a symlink of the image points to.
  Result<UniqueFd> open_unchecked(NodeType type) const {
    if (mount_.kind != Kind::kFileSystem || !is_kernel_file_system(mount_.type)) {
      return open_or_make(root_fd_, mount_.destination, type);
    }
    auto target = open_or_make_own(root_fd_, mount_.destination, type);
    if (target || target.error().error_number() != ELOOP) return target;
    return fail(ErrorKind::kInvalidArgument,
                "{} must be mounted on an ordinary directory, not a symlink", mount_.type);
  }

  const PlannedMount& mount_;
  int root_fd_;
  const ProcGuard& guard_;
};

// Without "mode", a tmpfs takes the mode of the directory that it covers.
Result<std::vector<sys::MountParameter>> parameters_for(const PlannedMount& mount, int target_fd) {
  std::vector<sys::MountParameter> parameters = mount.options.parameters;
  if (mount.type == "tmpfs" && mount.options.find_parameter("mode") == nullptr) {
    STASIS_ASSIGN(const struct stat st, sys::stat_fd(target_fd));
    parameters.emplace_back("mode", fmt::format("{:o}", st.st_mode & 07777U));
  }
  return parameters;
}

Result<Mounted> mount_file_system(const PlannedMount& mount, const Destination& destination) {
  const auto content = mount.type == "proc" ? MountContent::kProcfs : MountContent::kOther;
  STASIS_ASSIGN(const UniqueFd target, destination.open(NodeType::kDirectory, content));
  STASIS_ASSIGN(const auto parameters, parameters_for(mount, target.get()));
  Mounted mounted;
  mounted.delay_read_only = mount.options.read_only();
  STASIS_ASSIGN(mounted.fd,
                sys::make_mount(mount.type, mount.source, parameters,
                                mount.options.attributes.set & ~std::uint64_t{MOUNT_ATTR_RDONLY}));
  if (mount.options.copy_up) STASIS_TRY(copy_up(target.get(), mounted.fd.get()));
  STASIS_TRY(sys::attach_mount(mounted.fd.get(), target.get()));
  return mounted;
}

// The kernel says EINVAL. Engines look for "not a directory", to explain it to their users.
Result<void> check_same_type(const PlannedMount& mount, NodeType source, int target_fd) {
  const bool is_target = is_directory(target_fd);
  if (is_target == (source == NodeType::kDirectory)) return {};
  return fail(ErrorKind::kInvalidArgument,
              "not a directory: '{}' is {}, and '{}' in the container {}", mount.source,
              is_target ? "a file" : "a directory", mount.destination,
              is_target ? "a directory" : "a file");
}

// Only the flags that were asked for change; others stay as the source has them. In a user
// namespace a mount's "ro", "nosuid", "nodev" and "noexec" are locked (mount_namespaces(7)): what
// cannot be cleared is left, as the container has no right to it.
Result<void> set_bind_attributes(int mount_fd, const sys::MountAttributes& attributes) {
  if ((attributes.set | attributes.clear) == 0) return {};
  auto done = sys::set_mount_attributes(mount_fd, attributes, sys::Recursion::kThisMount);
  if (done || done.error().error_number() != EPERM || attributes.clear == 0) return done;
  if (attributes.set != 0) {
    STASIS_TRY(
        sys::set_mount_attributes(mount_fd, {.set = attributes.set}, sys::Recursion::kThisMount));
  }
  for (std::uint64_t rest = attributes.clear; rest != 0; rest &= rest - 1) {
    auto one = sys::set_mount_attributes(mount_fd, {.clear = rest & (~rest + 1)},
                                         sys::Recursion::kThisMount);
    if (!one && one.error().error_number() != EPERM) return one;
  }
  return {};
}

Result<UniqueFd> take_bind_source(const PlannedMount& mount, const UniqueFd& prepared) {
  if (prepared) return sys::dup_fd(prepared.get());
  return sys::clone_mount(sys::kCwd, mount.source, mount.options.bind_recursion)
      .context(fmt::format("binding '{}'", mount.source));
}

Result<Mounted> mount_bind(const PlannedMount& mount, const UniqueFd& prepared,
                           const Destination& destination) {
  Mounted mounted;
  STASIS_ASSIGN(mounted.fd, take_bind_source(mount, prepared));
  const NodeType type = is_directory(mounted.fd.get()) ? NodeType::kDirectory : NodeType::kFile;
  STASIS_ASSIGN(const auto file_system, sys::get_filesystem_type(mounted.fd.get()));
  const auto content = file_system == sys::kProcType ? MountContent::kProcfs : MountContent::kOther;
  STASIS_ASSIGN(const UniqueFd target, destination.open(type, content));
  STASIS_TRY(check_same_type(mount, type, target.get()));
  STASIS_TRY(set_bind_attributes(mounted.fd.get(), mount.options.attributes));
  STASIS_TRY(sys::attach_mount(mounted.fd.get(), target.get()));
  return mounted;
}

Result<Mounted> mount_cgroup_views(const PlannedMount& mount, const std::vector<CgroupView>& views,
                                   const Destination& destination) {
  STASIS_ASSIGN(const UniqueFd target,
                destination.open(NodeType::kDirectory, MountContent::kOther));
  Mounted mounted;
  mounted.delay_read_only = mount.options.read_only();
  STASIS_ASSIGN(mounted.fd, mount_cgroups(mount.options, views, target.get()));
  return mounted;
}

// Flags of the mount that is there and, unless it says "bind", parameters of its file system. What
// is not named stays as it is.
Result<Mounted> remount(const PlannedMount& mount, int root_fd) {
  Mounted mounted;
  STASIS_ASSIGN(mounted.fd, sys::open_in_root(root_fd, mount.destination, O_PATH));
  STASIS_ASSIGN(const bool is_mount, sys::is_mount_root(mounted.fd.get()));
  if (!is_mount) {
    return fail(ErrorKind::kInvalidArgument, "'remount' is for what is a mount already");
  }
  if (!mount.options.bind && !mount.options.parameters.empty()) {
    STASIS_TRY(sys::reconfigure_file_system(mounted.fd.get(), mount.options.parameters));
  }
  mounted.delay_read_only = mount.options.read_only();
  sys::MountAttributes attributes = mount.options.attributes;
  attributes.set &= ~std::uint64_t{MOUNT_ATTR_RDONLY};
  STASIS_TRY(sys::set_mount_attributes(mounted.fd.get(), attributes, sys::Recursion::kThisMount));
  return mounted;
}

Result<Mounted> mount_one(const Environment& environment, const PlannedMount& mount,
                          const UniqueFd& prepared, int root_fd, const ProcGuard& guard) {
  const Destination destination(mount, root_fd, guard);
  switch (mount.kind) {
    case Kind::kFileSystem:
      return mount_file_system(mount, destination);
    case Kind::kBind:
      return mount_bind(mount, prepared, destination);
    case Kind::kCgroup:
      return mount_cgroup_views(mount, environment.cgroup_views, destination);
    case Kind::kRemount:
      return remount(mount, root_fd);
  }
  return fail(ErrorKind::kInvalidArgument, "unknown kind of mount");
}

Result<void> apply_late_options(const MountOptions& options, int mount_fd) {
  for (const Propagation& one : options.propagation) {
    STASIS_TRY(sys::set_mount_attributes(mount_fd, {.propagation = one.value}, one.recursion));
  }
  const sys::MountAttributes& recursive = options.recursive_attributes;
  if ((recursive.set | recursive.clear) == 0) return {};
  return sys::set_mount_attributes(mount_fd, recursive, sys::Recursion::kWholeTree);
}

}  // namespace

Result<UniqueFd> mount_root(const Environment& environment) {
  STASIS_ASSIGN(const UniqueFd host_root, sys::open("/", O_PATH | O_DIRECTORY));
  if (environment.own_mount_namespace) {
    const Propagation propagation =
        environment.root_propagation.value_or(Propagation{MS_SLAVE, sys::Recursion::kWholeTree});
    STASIS_TRY(sys::set_mount_attributes(host_root.get(), {.propagation = propagation.value},
                                         propagation.recursion)
                   .context("cutting mount propagation to the host"));
  }
  STASIS_ASSIGN(UniqueFd root,
                sys::clone_mount(sys::kCwd, environment.rootfs, sys::Recursion::kWholeTree)
                    .context("binding the root file system"));
  // A copy of a shared mount would be its peer: nothing mounted in the container may get out.
  if (!environment.root_propagation || environment.root_propagation->value != MS_SHARED) {
    STASIS_TRY(sys::set_mount_attributes(root.get(), {.propagation = MS_SLAVE},
                                         sys::Recursion::kWholeTree));
  }
  STASIS_ASSIGN(const UniqueFd target, sys::open(environment.rootfs, O_PATH | O_DIRECTORY));
  STASIS_TRY(sys::attach_mount(root.get(), target.get()).context("attaching the root file system"));
  return root;
}

Result<void> MountedTree::place(const Environment& environment, const PreparedMounts& prepared,
                                std::size_t index, int root_fd) {
  const PlannedMount& mount = environment.mounts[index];
  STASIS_ASSIGN(Mounted one, mount_one(environment, mount, prepared[index], root_fd, proc_guard_));
  STASIS_TRY(apply_late_options(mount.options, one.fd.get()));
  if (mount.kind != Kind::kRemount) {
    Placed placed{mount.destination, UniqueFd()};
    if (mount.kind == Kind::kFileSystem && is_kernel_file_system(mount.type)) {
      STASIS_ASSIGN(placed.kernel_mount, sys::dup_fd(one.fd.get()));
    }
    placed_.push_back(std::move(placed));
    STASIS_TRY(proc_guard_.remember(mount.destination, one.fd.get()));
  }
  if (one.delay_read_only) pending_read_only_.push_back(std::move(one.fd));
  return {};
}

Result<MountedTree> MountedTree::apply(const Environment& environment,
                                       const PreparedMounts& prepared, int root_fd) {
  MountedTree tree(root_fd);
  for (std::size_t i = 0; i < environment.mounts.size(); ++i) {
    STASIS_TRY(tree.place(environment, prepared, i, root_fd)
                   .context(fmt::format("mounts[{}] '{}'", i, environment.mounts[i].destination)));
  }
  return tree;
}

Result<UniqueFd> MountedTree::open_in_kernel_mount(const std::string& path) const {
  for (const Placed& one : placed_ | std::views::reverse) {
    const auto rest = path_below(path, one.destination);
    if (!rest) continue;
    if (!one.kernel_mount) return UniqueFd();
    return open_if_exists(one.kernel_mount.get(), *rest);
  }
  return UniqueFd();
}

Result<void> MountedTree::make_read_only() const {
  for (const UniqueFd& fd : pending_read_only_) {
    STASIS_TRY(
        sys::set_mount_attributes(fd.get(), {.set = MOUNT_ATTR_RDONLY}, sys::Recursion::kThisMount)
            .context("making a mount read-only"));
  }
  return {};
}

}  // namespace stasis::runtime
