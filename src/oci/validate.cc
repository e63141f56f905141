#include "oci/validate.h"

#include <algorithm>
#include <array>

#include "oci/mapped_ids.h"
#include "oci/sysctl.h"

namespace stasis::oci {
namespace {

template <class... Args>
Error invalid(fmt::format_string<Args...> text, Args&&... args) {
  return fail(ErrorKind::kInvalidArgument, text, std::forward<Args>(args)...);
}

Result<void> validate_version(const Spec& spec) {
  if (spec.oci_version.starts_with("1.")) return {};
  return fail(ErrorKind::kUnsupported, "ociVersion: expected 1.x, found '{}'", spec.oci_version);
}

Result<void> validate_namespaces(const Spec& spec) {
  const auto& all = spec.linux_.namespaces;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (spec.find_namespace(all[i].kind) != &all[i]) {
      return invalid("linux.namespaces[{}]: a second '{}' namespace", i, to_string(all[i].kind));
    }
    if (!all[i].path.empty() && !all[i].path.starts_with('/')) {
      return invalid("linux.namespaces[{}].path: '{}' is not absolute", i, all[i].path);
    }
  }
  if (spec.find_namespace(NamespaceKind::kMount) == nullptr) {
    return fail(ErrorKind::kUnsupported,
                "linux.namespaces: a container needs a 'mount' namespace of its own");
  }
  const bool has_uts = spec.find_namespace(NamespaceKind::kUts) != nullptr;
  if (!spec.hostname.empty() && !has_uts) {
    return invalid("hostname: setting it needs a 'uts' namespace in linux.namespaces");
  }
  if (!spec.domainname.empty() && !has_uts) {
    return invalid("domainname: setting it needs a 'uts' namespace in linux.namespaces");
  }
  const Namespace* time = spec.find_namespace(NamespaceKind::kTime);
  if (!spec.linux_.time_offsets.empty() && (time == nullptr || !time->path.empty())) {
    return invalid("linux.timeOffsets: setting them needs a new 'time' namespace");
  }
  // The kernel's own bound, far from where nanoseconds overflow: KTIME_SEC_MAX / 2.
  constexpr std::int64_t kFurthest = 4'611'686'018;
  for (const auto& [clock, offset] : spec.linux_.time_offsets) {
    if (clock != "monotonic" && clock != "boottime") {
      return invalid("linux.timeOffsets.{}: expected 'monotonic' or 'boottime'", clock);
    }
    if (offset.secs < -kFurthest || offset.secs > kFurthest) {
      return invalid("linux.timeOffsets.{}.secs: {} is out of range", clock, offset.secs);
    }
    if (offset.nanosecs > 999'999'999) {
      return invalid("linux.timeOffsets.{}.nanosecs: {} is a second or more", clock,
                     offset.nanosecs);
    }
  }
  return {};
}

Result<void> validate_mappings(const Spec& spec) {
  const Namespace* user = spec.find_namespace(NamespaceKind::kUser);
  const bool is_new = user != nullptr && user->path.empty();
  const bool mapped = !spec.linux_.uid_mappings.empty() || !spec.linux_.gid_mappings.empty();
  if (mapped && user == nullptr) {
    return invalid("linux.uidMappings: mappings need a 'user' namespace in linux.namespaces");
  }
  if (is_new && (spec.linux_.uid_mappings.empty() || spec.linux_.gid_mappings.empty())) {
    return invalid("linux.uidMappings: a new user namespace needs uidMappings and gidMappings");
  }
  for (std::size_t i = 0; i < spec.mounts.size(); ++i) {
    if (spec.mounts[i].uid_mappings.empty() == spec.mounts[i].gid_mappings.empty()) continue;
    return invalid("mounts[{}]: uidMappings and gidMappings go together, and one is missing", i);
  }
  return {};
}

Result<void> validate_sysctls(const Spec& spec) {
  for (const auto& [name, value] : spec.linux_.sysctl) {
    if (!path_of_sysctl(name)) return invalid("linux.sysctl.{}: is no name of a sysctl", name);
    const auto kind = namespace_of_sysctl(name);
    if (!kind) {
      return invalid("linux.sysctl.{}: belongs to no namespace, and would change the host", name);
    }
    if (spec.find_namespace(*kind) == nullptr) {
      return invalid("linux.sysctl.{}: needs a '{}' namespace of the container's own", name,
                     to_string(*kind));
    }
    if (path_of_sysctl(name) == "kernel/hostname") {
      return invalid("linux.sysctl.{}: use 'hostname' instead", name);
    }
  }
  return {};
}

// As dev_valid_name() of the kernel has it.
bool is_interface_name(std::string_view name) {
  static constexpr std::size_t kMostBytes = 15;
  return !name.empty() && name.size() <= kMostBytes && name != "." && name != ".." &&
         name.find_first_of("/: \t\n\v\f\r%") == name.npos;
}

Result<void> validate_net_devices(const Spec& spec) {
  const auto& devices = spec.linux_.net_devices;
  if (!devices.empty() && spec.find_namespace(NamespaceKind::kNetwork) == nullptr) {
    return invalid("linux.netDevices: needs a 'network' namespace in linux.namespaces");
  }
  std::vector<std::string_view> taken;
  for (const auto& [outside, device] : devices) {
    const std::string& inside = device.name.empty() ? outside : device.name;
    for (const std::string& name : {outside, inside}) {
      if (!is_interface_name(name)) {
        return invalid("linux.netDevices: '{}' is no name of a network interface", name);
      }
    }
    if (std::ranges::find(taken, inside) != taken.end()) {
      return invalid("linux.netDevices: two devices would be '{}'", inside);
    }
    taken.push_back(inside);
  }
  return {};
}

Result<void> validate_hook_list(const std::vector<Hook>& hooks, std::string_view kind) {
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    if (!hooks[i].path.starts_with('/')) {
      return invalid("hooks.{}[{}].path: '{}' is not absolute", kind, i, hooks[i].path);
    }
    if (hooks[i].timeout && *hooks[i].timeout <= 0) {
      return invalid("hooks.{}[{}].timeout: expected more than 0 seconds, found {}", kind, i,
                     *hooks[i].timeout);
    }
  }
  return {};
}

Result<void> validate_hooks(const Hooks& hooks) {
  STASIS_TRY(validate_hook_list(hooks.prestart, "prestart"));
  STASIS_TRY(validate_hook_list(hooks.create_runtime, "createRuntime"));
  STASIS_TRY(validate_hook_list(hooks.create_container, "createContainer"));
  STASIS_TRY(validate_hook_list(hooks.start_container, "startContainer"));
  STASIS_TRY(validate_hook_list(hooks.poststart, "poststart"));
  return validate_hook_list(hooks.poststop, "poststop");
}

Result<void> validate_linux(const Linux& linux_part) {
  for (std::size_t i = 0; i < linux_part.devices.size(); ++i) {
    const Device& device = linux_part.devices[i];
    static constexpr std::array<std::string_view, 4> kTypes{"c", "u", "b", "p"};
    if (std::ranges::find(kTypes, device.type) == kTypes.end()) {
      return invalid("linux.devices[{}].type: expected 'c', 'u', 'b' or 'p', found '{}'", i,
                     device.type);
    }
    if (!device.path.starts_with('/')) {
      return invalid("linux.devices[{}].path: '{}' is not absolute", i, device.path);
    }
  }
  for (const auto& path : linux_part.masked_paths) {
    if (!path.starts_with('/')) return invalid("linux.maskedPaths: '{}' is not absolute", path);
  }
  for (const auto& path : linux_part.readonly_paths) {
    if (!path.starts_with('/')) return invalid("linux.readonlyPaths: '{}' is not absolute", path);
  }
  if (linux_part.personality && linux_part.personality->domain != "LINUX" &&
      linux_part.personality->domain != "LINUX32") {
    return invalid("linux.personality.domain: expected 'LINUX' or 'LINUX32', found '{}'",
                   linux_part.personality->domain);
  }
  if (!linux_part.mount_label.empty()) {
    return fail(ErrorKind::kUnsupported, "linux.mountLabel: SELinux is not supported by stasis");
  }
  static constexpr std::array<std::string_view, 9> kPropagations{
      "",        "shared",   "rshared",    "slave",      "rslave",
      "private", "rprivate", "unbindable", "runbindable"};
  if (std::ranges::find(kPropagations, linux_part.rootfs_propagation) == kPropagations.end()) {
    return invalid("linux.rootfsPropagation: unknown value '{}'", linux_part.rootfs_propagation);
  }
  return {};
}

// (uid_t)-1 means "leave it" to setresuid(2) and its kin: the process would stay root.
constexpr std::uint32_t kNoId = ~std::uint32_t{0};

Result<void> validate_user(const User& user) {
  if (user.uid == kNoId) return invalid("process.user.uid: {} is no user", kNoId);
  if (user.gid == kNoId) return invalid("process.user.gid: {} is no group", kNoId);
  const auto& groups = user.additional_gids;
  if (std::ranges::find(groups, kNoId) != groups.end()) {
    return invalid("process.user.additionalGids: {} is no group", kNoId);
  }
  return {};
}

Result<void> validate_environment(const std::vector<std::string>& env) {
  for (std::size_t i = 0; i < env.size(); ++i) {
    const auto equals = env[i].find('=');
    if (equals != 0 && equals != std::string::npos) continue;
    return invalid("process.env[{}]: expected NAME=VALUE, found '{}'", i, env[i]);
  }
  return {};
}

}  // namespace

Result<void> validate_process(const Process& process) {
  if (process.args.empty()) return invalid("process.args: must not be empty");
  if (!process.cwd.starts_with('/')) {
    return invalid("process.cwd: '{}' is not absolute", process.cwd);
  }
  STASIS_TRY(validate_user(process.user));
  STASIS_TRY(validate_environment(process.env));
  for (std::size_t i = 0; i < process.rlimits.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (process.rlimits[i].type == process.rlimits[j].type) {
        return invalid("process.rlimits[{}]: a second '{}'", i, process.rlimits[i].type);
      }
    }
  }
  if (!process.selinux_label.empty()) {
    return fail(ErrorKind::kUnsupported,
                "process.selinuxLabel: SELinux is not supported by stasis");
  }
  return {};
}

Result<void> validate(const Spec& spec) {
  STASIS_TRY(validate_version(spec));
  if (!spec.process) return invalid("process: is missing");
  STASIS_TRY(validate_process(*spec.process));
  if (spec.root.path.empty()) return invalid("root.path: is missing");
  STASIS_TRY(validate_namespaces(spec));
  STASIS_TRY(validate_mappings(spec));
  STASIS_TRY(validate_mapped_ids(spec, spec.process->user));
  STASIS_TRY(validate_sysctls(spec));
  STASIS_TRY(validate_net_devices(spec));
  STASIS_TRY(validate_hooks(spec.hooks));
  return validate_linux(spec.linux_);
}

}  // namespace stasis::oci
