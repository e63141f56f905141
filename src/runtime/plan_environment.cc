#include <algorithm>
#include <array>

#include "runtime/environment.h"
#include "runtime/id_maps.h"
#include "runtime/namespace_plan.h"
#include "runtime/sysctls.h"

namespace stasis::runtime {
namespace {

std::string last_component(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string absolute_source(const std::string& source, const std::string& bundle) {
  return source.starts_with('/') ? source : bundle + "/" + source;
}

std::vector<CgroupView> plan_cgroup_views(const cgroup::ContainerCgroup& cgroup) {
  const auto& directories = cgroup.record().directories;
  std::vector<CgroupView> views;
  for (const auto& one : directories) {
    CgroupView view{.source = one.directory};
    if (directories.size() > 1 || one.version == cgroup::Version::kV1) {
      // The mount point's own name: "/sys/fs/cgroup/cpu,cpuacct" without the cgroup's path.
      const std::string mount_point =
          one.directory.substr(0, one.directory.size() - one.path.size());
      view.name = last_component(one.directory.ends_with(one.path) ? mount_point : one.directory);
      for (const std::string& controller : one.controllers) {
        if (one.controllers.size() > 1) view.aliases.push_back(controller);
      }
    }
    views.push_back(std::move(view));
  }
  return views;
}

constexpr std::array<std::pair<const char*, std::pair<int, int>>, 6> kDefaultDevices{{
    {"/dev/null", {1, 3}},
    {"/dev/zero", {1, 5}},
    {"/dev/full", {1, 7}},
    {"/dev/random", {1, 8}},
    {"/dev/urandom", {1, 9}},
    {"/dev/tty", {5, 0}},
}};

std::vector<oci::Device> plan_devices(const oci::Spec& spec) {
  std::vector<oci::Device> devices = spec.linux_.devices;
  for (const auto& [path, numbers] : kDefaultDevices) {
    if (std::ranges::find(devices, path, &oci::Device::path) != devices.end()) continue;
    devices.push_back({"c", path, numbers.first, numbers.second, 0666, 0, 0});
  }
  return devices;
}

bool is_new(const oci::Spec& spec, oci::NamespaceKind kind) {
  const oci::Namespace* found = spec.find_namespace(kind);
  return found != nullptr && found->path.empty();
}

// A sysfs shows a network namespace, and only who owns that may mount one. In a user namespace
// with the host's network, the host's own is bound.
void bind_host_sysfs(PlannedMount& mount) {
  if (mount.kind != PlannedMount::Kind::kFileSystem || mount.type != "sysfs") return;
  mount.kind = PlannedMount::Kind::kBind;
  mount.source = "/sys";
  mount.options.bind_recursion = sys::Recursion::kWholeTree;
}

Result<std::optional<MountIdMap>> plan_id_map(const oci::Mount& mount, const PlannedMount& planned,
                                              const oci::Spec& spec) {
  const auto recursion = planned.options.id_map;
  if (mount.uid_mappings.empty() && !recursion) return std::nullopt;
  if (planned.kind != PlannedMount::Kind::kBind) {
    return fail(ErrorKind::kInvalidArgument, "ids can be mapped for bind mounts only");
  }
  MountIdMap map{.recursion = recursion.value_or(sys::Recursion::kThisMount)};
  if (!mount.uid_mappings.empty()) {
    map.uid_map = format_id_map(mount.uid_mappings);
    map.gid_map = format_id_map(mount.gid_mappings);
    return map;
  }
  const oci::Namespace* user = spec.find_namespace(oci::NamespaceKind::kUser);
  if (user == nullptr) {
    return fail(ErrorKind::kInvalidArgument,
                "option 'idmap' needs uidMappings and gidMappings: the container has no user "
                "namespace to take them from");
  }
  map.user_namespace = user->path;
  map.uid_map = format_id_map(spec.linux_.uid_mappings);
  map.gid_map = format_id_map(spec.linux_.gid_mappings);
  return map;
}

Result<std::vector<PlannedMount>> plan_mounts(const oci::Spec& spec, const std::string& bundle) {
  std::vector<PlannedMount> mounts;
  for (std::size_t i = 0; i < spec.mounts.size(); ++i) {
    const auto frame = [&] { return fmt::format("mounts[{}]", i); };
    STASIS_ASSIGN(PlannedMount mount, plan_mount(spec.mounts[i], bundle).context(frame()));
    STASIS_ASSIGN(mount.id_map, plan_id_map(spec.mounts[i], mount, spec).context(frame()));
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

// Everything in it is the host's then, and would become so.
bool binds_dev(const std::vector<PlannedMount>& mounts) {
  return std::ranges::any_of(mounts, [](const PlannedMount& mount) {
    return mount.kind == PlannedMount::Kind::kBind &&
           (mount.destination == "/dev" || mount.destination == "/dev/");
  });
}

}  // namespace

Result<PlannedMount> plan_mount(const oci::Mount& mount, const std::string& bundle) {
  if (!mount.destination.starts_with('/')) {
    return fail(ErrorKind::kInvalidArgument, "destination '{}' is not absolute", mount.destination);
  }
  PlannedMount planned{
      .destination = mount.destination, .type = mount.type, .source = mount.source};
  STASIS_ASSIGN(planned.options, parse_mount_options(mount.options));
  if (planned.options.remount) {
    planned.kind = PlannedMount::Kind::kRemount;
    return planned;
  }
  if (planned.options.bind || mount.type == "bind" || mount.type == "rbind") {
    planned.kind = PlannedMount::Kind::kBind;
    if (mount.type == "rbind") planned.options.bind_recursion = sys::Recursion::kWholeTree;
    if (mount.source.empty())
      return fail(ErrorKind::kInvalidArgument, "a bind mount needs a source");
    planned.source = absolute_source(mount.source, bundle);
    return planned;
  }
  if (mount.type.empty() || mount.type == "none") {
    return fail(ErrorKind::kInvalidArgument, "type is missing");
  }
  if (planned.options.copy_up && mount.type != "tmpfs") {
    return fail(ErrorKind::kInvalidArgument, "option 'tmpcopyup' is for tmpfs, not for {}",
                mount.type);
  }
  if (mount.type == "cgroup" || mount.type == "cgroup2") planned.kind = PlannedMount::Kind::kCgroup;
  return planned;
}

std::string session_keyring_name(const std::string& id) { return "_ses." + id; }

Result<Environment> plan_environment(const Bundle& bundle, const EnvironmentOptions& options,
                                     const cgroup::ContainerCgroup& cgroup) {
  const oci::Spec& spec = bundle.spec;
  Environment plan;
  plan.bundle = bundle.path;
  plan.rootfs = bundle.rootfs;
  plan.root_read_only = spec.root.readonly;
  if (!spec.linux_.rootfs_propagation.empty()) {
    STASIS_ASSIGN(plan.root_propagation, parse_propagation(spec.linux_.rootfs_propagation));
  }
  plan.root_change = options.root_change;
  plan.own_mount_namespace = is_new(spec, oci::NamespaceKind::kMount);
  STASIS_ASSIGN(plan.mounts, plan_mounts(spec, bundle.path));
  plan.make_default_devices = !binds_dev(plan.mounts);
  plan.cgroup_views = plan_cgroup_views(cgroup);
  plan.new_cgroup_namespace = is_new(spec, oci::NamespaceKind::kCgroup);
  plan.new_network_namespace = is_new(spec, oci::NamespaceKind::kNetwork);
  plan.user_namespace = spec.find_namespace(oci::NamespaceKind::kUser) != nullptr;
  plan.new_user_namespace = is_new(spec, oci::NamespaceKind::kUser);
  plan.new_ipc_namespace = plan.user_namespace && is_new(spec, oci::NamespaceKind::kIpc);
  if (plan.user_namespace && spec.find_namespace(oci::NamespaceKind::kNetwork) == nullptr) {
    std::ranges::for_each(plan.mounts, bind_host_sysfs);
  }
  plan.devices = plan_devices(spec);
  plan.hostname = spec.hostname;
  plan.domainname = spec.domainname;
  plan.sysctls = plan_sysctls(spec);
  plan.masked_paths = spec.linux_.masked_paths;
  plan.read_only_paths = spec.linux_.readonly_paths;
  plan.cwd = spec.process->cwd;
  plan.terminal = spec.process->terminal;
  plan.console_use = options.console_use;
  plan.console_size = spec.process->console_size;
  plan.console_uid = spec.process->user.uid;
  plan.keyring = options.keyring;
  plan.keyring_name = session_keyring_name(options.id);
  plan.create_container_hooks = spec.hooks.create_container;
  return plan;
}

}  // namespace stasis::runtime
