// config.json of the OCI runtime specification 1.2, as plain values. An absent member is an empty
// optional or the member's default. Limits are in oci/resources.h, system call filters in
// oci/seccomp.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "oci/resources.h"
#include "oci/seccomp.h"

namespace stasis::oci {

struct ConsoleSize {
  std::uint32_t height = 0, width = 0;
  bool operator==(const ConsoleSize&) const = default;
};

struct User {
  std::uint32_t uid = 0, gid = 0;
  std::optional<std::uint32_t> umask;
  std::vector<std::uint32_t> additional_gids;
  bool operator==(const User&) const = default;
};

// Names as "CAP_KILL".
struct Capabilities {
  std::vector<std::string> bounding, effective, inheritable, permitted, ambient;
  bool operator==(const Capabilities&) const = default;
};

struct Rlimit {
  std::string type;  // "RLIMIT_NOFILE"
  std::uint64_t soft = 0, hard = 0;
  bool operator==(const Rlimit&) const = default;
};

struct Scheduler {
  std::string policy;  // "SCHED_OTHER" ...
  std::int32_t nice = 0;
  std::int32_t priority = 0;
  std::vector<std::string> flags;                       // "SCHED_FLAG_RESET_ON_FORK" ...
  std::uint64_t runtime = 0, deadline = 0, period = 0;  // nanoseconds, of SCHED_DEADLINE
  bool operator==(const Scheduler&) const = default;
};

struct IoPriority {
  std::string io_class;  // "IOPRIO_CLASS_BE" ...
  std::int32_t priority = 0;
  bool operator==(const IoPriority&) const = default;
};

// CPUs as "0-3,8"; "" is the container's.
struct ExecAffinity {
  std::string initial, final_;
  bool operator==(const ExecAffinity&) const = default;
};

struct Process {
  bool terminal = false;
  std::optional<ConsoleSize> console_size;
  User user;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd;
  std::optional<Capabilities> capabilities;
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::optional<std::int32_t> oom_score_adj;
  std::optional<Scheduler> scheduler;
  std::optional<IoPriority> io_priority;
  ExecAffinity exec_affinity;  // of processes of `exec` only
  std::string apparmor_profile;
  std::string selinux_label;
  bool operator==(const Process&) const = default;
};

struct Root {
  std::string path;
  bool readonly = false;
  bool operator==(const Root&) const = default;
};

struct IdMapping {
  std::uint32_t container_id = 0, host_id = 0, size = 0;
  bool operator==(const IdMapping&) const = default;
};

struct Mount {
  std::string destination, type, source;
  std::vector<std::string> options;
  std::vector<IdMapping> uid_mappings, gid_mappings;
  bool operator==(const Mount&) const = default;
};

struct Hook {
  std::string path;
  std::vector<std::string> args, env;
  std::optional<std::int32_t> timeout;  // seconds, > 0
  bool operator==(const Hook&) const = default;
};

struct Hooks {
  std::vector<Hook> prestart, create_runtime, create_container, start_container, poststart,
      poststop;
  bool operator==(const Hooks&) const = default;
};

enum class NamespaceKind { kPid, kNetwork, kMount, kIpc, kUts, kUser, kCgroup, kTime };

struct Namespace {
  NamespaceKind kind = NamespaceKind::kPid;
  std::string path;  // "": a new one
  bool operator==(const Namespace&) const = default;
};

struct Device {
  std::string type;  // "c", "u", "b" or "p"
  std::string path;
  std::int64_t major = 0, minor = 0;
  std::optional<std::uint32_t> file_mode;
  std::uint32_t uid = 0, gid = 0;
  bool operator==(const Device&) const = default;
};

struct TimeOffset {
  std::int64_t secs = 0;
  std::uint32_t nanosecs = 0;
  bool operator==(const TimeOffset&) const = default;
};

struct Personality {
  std::string domain;  // "LINUX" or "LINUX32"
  bool operator==(const Personality&) const = default;
};

// A network interface of the runtime's own network namespace that moves into the container's.
struct NetDevice {
  std::string name;  // its name there; "": the same
  bool operator==(const NetDevice&) const = default;
};

struct MemoryPolicy {
  std::string mode;                // "MPOL_INTERLEAVE" ...
  std::string nodes;               // "0-3,8"
  std::vector<std::string> flags;  // "MPOL_F_STATIC_NODES" ...
  bool operator==(const MemoryPolicy&) const = default;
};

// Runtime-spec 1.3 has schemata and enableMonitoring.
struct IntelRdt {
  std::string clos_id;  // "": the container's id
  std::string l3_cache_schema, mem_bw_schema;
  std::vector<std::string> schemata;
  bool enable_cmt = false, enable_mbm = false, enable_monitoring = false;
  bool operator==(const IntelRdt&) const = default;
};

struct Linux {
  std::vector<Namespace> namespaces;
  std::vector<IdMapping> uid_mappings, gid_mappings;
  std::vector<Device> devices;
  std::map<std::string, NetDevice> net_devices;  // by their names outside
  std::string cgroups_path;
  Resources resources;
  std::string rootfs_propagation;
  std::optional<Seccomp> seccomp;
  std::map<std::string, std::string> sysctl;
  std::vector<std::string> masked_paths, readonly_paths;
  std::string mount_label;
  std::optional<Personality> personality;
  std::optional<MemoryPolicy> memory_policy;
  std::optional<IntelRdt> intel_rdt;
  std::map<std::string, TimeOffset> time_offsets;  // "monotonic", "boottime"
  bool operator==(const Linux&) const = default;
};

struct Spec {
  std::string oci_version;
  std::optional<Process> process;
  Root root;
  std::string hostname, domainname;
  std::vector<Mount> mounts;
  Hooks hooks;
  std::map<std::string, std::string> annotations;
  Linux linux_;  // "linux" is a macro of the compiler in GNU mode
  bool operator==(const Spec&) const = default;

  const Namespace* find_namespace(NamespaceKind kind) const;
};

std::string_view to_string(NamespaceKind kind);

}  // namespace stasis::oci
