// Everything around a container's first process that config.json asks for, as a plan that is made
// before the process exists, and its application inside the process.
// Not here: who the process becomes (runtime/process_plan.h), limits (cgroup/resources.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cgroup/container_cgroup.h"
#include "oci/spec.h"
#include "runtime/bundle.h"
#include "runtime/init_channel.h"
#include "runtime/mount_options.h"

namespace stasis::runtime {

// The owners of a bind mount's files as the container sees them.
struct MountIdMap {
  std::string uid_map, gid_map;  // lines as uid_map of user_namespaces(7) takes them
  std::string user_namespace;    // or the path of one that exists
  sys::Recursion recursion = sys::Recursion::kThisMount;
};

struct PlannedMount {
  enum class Kind { kFileSystem, kBind, kCgroup, kRemount };
  Kind kind = Kind::kFileSystem;
  std::string destination;  // as in config.json
  std::string type;
  std::string source;  // kBind: absolute
  MountOptions options;
  std::optional<MountIdMap> id_map;
};

// The container's own directory of one hierarchy, as shown under a mount of type cgroup.
struct CgroupView {
  std::string source;                // "/sys/fs/cgroup/cpu,cpuacct/x"
  std::string name;                  // "cpu,cpuacct"; "" for pure v2: the mount itself
  std::vector<std::string> aliases;  // "cpu", "cpuacct"
  bool operator==(const CgroupView&) const = default;
};

enum class RootChange { kPivot, kMove };
// Whose controlling terminal the console becomes: the first process's at once, or that of the
// session which the engine finds in an image.
enum class ConsoleUse { kInit, kEngine };
enum class Keyring { kNew, kInherited };

struct Environment {
  std::string rootfs;  // absolute, on the host
  bool root_read_only = false;
  std::optional<Propagation> root_propagation;
  RootChange root_change = RootChange::kPivot;
  bool own_mount_namespace = true;  // false: joined, so propagation is left alone
  std::vector<PlannedMount> mounts;
  std::vector<CgroupView> cgroup_views;
  bool new_cgroup_namespace = false;
  bool new_network_namespace = false;
  bool new_ipc_namespace = false;    // made by the process itself: only in a user namespace
  bool user_namespace = false;       // device nodes are bound, not made
  bool new_user_namespace = false;   // and it is not joined
  bool make_default_devices = true;  // /dev is not bound from the host
  std::vector<oci::Device> devices;
  std::string hostname, domainname;
  std::vector<std::pair<std::string, std::string>> sysctls;  // path below /proc/sys, value
  std::vector<std::string> masked_paths, read_only_paths;
  std::string cwd;  // made when it is missing
  bool terminal = false;
  ConsoleUse console_use = ConsoleUse::kInit;
  std::optional<oci::ConsoleSize> console_size;
  std::uint32_t console_uid = 0;
  Keyring keyring = Keyring::kNew;
  std::string keyring_name;
  std::vector<oci::Hook> create_container_hooks;
  std::string bundle;
};

struct EnvironmentOptions {
  std::string id;
  RootChange root_change = RootChange::kPivot;
  Keyring keyring = Keyring::kNew;
  ConsoleUse console_use = ConsoleUse::kInit;
};

// Pure. `bundle`: its absolute path, for sources that are relative to it. Leaves id_map out.
Result<PlannedMount> plan_mount(const oci::Mount& mount, const std::string& bundle);

// Of the session keyring that all processes of a container share.
std::string session_keyring_name(const std::string& id);

// Pure. Errors name the member of config.json.
Result<Environment> plan_environment(const Bundle& bundle, const EnvironmentOptions& options,
                                     const cgroup::ContainerCgroup& cgroup);

// Mounts that were made before the child is there, which may lack the right: as many as
// Environment::mounts, empty where the child makes them itself.
using PreparedMounts = std::vector<UniqueFd>;

struct BuiltEnvironment {
  UniqueFd console_master;   // with a terminal; standard input, output and error are its slave
  std::string console_path;  // "/dev/pts/0"
};

// Runs in the child, after kGo: everything up to, and with, the change of root. Talks kMounted and
// kContinue on the channel, and leaves kReady to the caller. `state`: JSON for createContainer
// hooks. Allocates: the child is a full copy of a single-threaded program, see sys::clone_process.
Result<BuiltEnvironment> build_environment(const Environment& environment,
                                           const PreparedMounts& prepared,
                                           const InitChannel& channel, const std::string& state);

}  // namespace stasis::runtime
