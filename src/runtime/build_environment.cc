#include <fcntl.h>
#include <sched.h>

#include "runtime/device_nodes.h"
#include "runtime/environment.h"
#include "runtime/hooks.h"
#include "runtime/path_protection.h"
#include "runtime/rootfs_mounts.h"
#include "runtime/rootfs_paths.h"
#include "sys/file.h"
#include "sys/namespace.h"
#include "sys/network_interface.h"
#include "sys/process_settings.h"

namespace stasis::runtime {
namespace {

Result<void> join_keyring(const Environment& environment) {
  if (environment.keyring == Keyring::kInherited) return {};
  auto joined = sys::join_new_session_keyring(environment.keyring_name);
  // A kernel or sandbox without keyrings has none to share either.
  if (!joined && joined.error().kind() == ErrorKind::kUnsupported) return {};
  return joined;
}

Result<void> set_up_namespaces(const Environment& environment) {
  if (environment.new_cgroup_namespace) STASIS_TRY(sys::unshare(CLONE_NEWCGROUP));
  if (environment.new_ipc_namespace) STASIS_TRY(sys::unshare(CLONE_NEWIPC));
  if (environment.new_network_namespace) STASIS_TRY(sys::bring_interface_up("lo"));
  if (!environment.hostname.empty()) STASIS_TRY(sys::set_hostname(environment.hostname));
  if (!environment.domainname.empty()) STASIS_TRY(sys::set_domainname(environment.domainname));
  return {};
}

// The host's /proc/sys shows the namespaces of whoever looks, and no container can have prepared
// it: so before the change of root. After the hooks, which bring the links that some are of.
Result<void> set_sysctls(const Environment& environment) {
  for (const auto& [path, value] : environment.sysctls) {
    STASIS_TRY(sys::write_control_file("/proc/sys/" + path, value).context("linux.sysctl"));
  }
  return {};
}

Result<void> make_working_directory(const Environment& environment, int root_fd) {
  if (environment.cwd.empty()) return {};
  auto made = open_or_make(root_fd, environment.cwd, NodeType::kDirectory);
  // On a read-only file system, entering it will tell.
  if (!made && made.error().kind() != ErrorKind::kKernel) return std::move(made.error());
  return {};
}

Result<void> change_root(const Environment& environment, int root_fd) {
  if (environment.root_change == RootChange::kMove) return sys::change_root_by_move(root_fd);
  return sys::change_root_by_pivot(root_fd);
}

}  // namespace

Result<BuiltEnvironment> build_environment(const Environment& environment,
                                           const PreparedMounts& prepared,
                                           const InitChannel& channel, const std::string& state) {
  STASIS_TRY(sys::set_sid());
  STASIS_TRY(join_keyring(environment));
  STASIS_TRY(set_up_namespaces(environment));
  sys::set_umask(0);
  STASIS_ASSIGN(const UniqueFd root, mount_root(environment));
  STASIS_ASSIGN(const MountedTree tree, MountedTree::apply(environment, prepared, root.get()));
  STASIS_TRY(make_devices(environment, root.get()));
  sys::set_umask(022);
  STASIS_TRY(make_working_directory(environment, root.get()));
  STASIS_TRY(channel.send(Message::kMounted));
  STASIS_TRY(channel.expect(Message::kContinue));
  STASIS_TRY(run_hooks(environment.create_container_hooks,
                       {"createContainer", state, environment.bundle}));
  STASIS_TRY(set_sysctls(environment));
  BuiltEnvironment built;
  if (environment.terminal) {
    STASIS_ASSIGN(Terminal console, make_console(environment, root.get()));
    built.console_master = std::move(console.master);
    built.console_path = std::move(console.path);
  }
  STASIS_TRY(tree.make_read_only());
  STASIS_TRY(make_paths_read_only(environment, tree, root.get()));
  STASIS_TRY(mask_paths(environment, tree, root.get()));
  if (environment.root_read_only) {
    STASIS_TRY(sys::set_mount_attributes(root.get(), {.set = MOUNT_ATTR_RDONLY},
                                         sys::Recursion::kThisMount)
                   .context("making the root file system read-only"));
  }
  STASIS_TRY(change_root(environment, root.get()).context("changing the root"));
  if (environment.root_propagation) {
    STASIS_TRY(sys::set_mount_attributes(root.get(),
                                         {.propagation = environment.root_propagation->value},
                                         environment.root_propagation->recursion)
                   .context("linux.rootfsPropagation"));
  }
  return built;
}

}  // namespace stasis::runtime
