// The JSON that leaves the runtime: the container state of the specification (for `state` and for
// hooks), the state file under --root, and the tables of list, ps and features.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace stasis::oci {

enum class Status { kCreating, kCreated, kRunning, kPaused, kStopped };
std::string_view to_string(Status status);

// A cgroup directory of the container in one hierarchy.
struct RecordedCgroup {
  bool v2 = false;
  std::vector<std::string> controllers;
  std::string directory, path;
  bool operator==(const RecordedCgroup&) const = default;
};

// The container's groups of the resctrl file system (resctrl/group.h).
struct ResctrlGroup {
  std::string directory;  // of the class of service
  bool made = false;      // by this container
  bool shared = false;    // it has a name of its own (closID)
  std::string monitor;    // directory of the measuring group, which the container made; "": none
  bool operator==(const ResctrlGroup&) const = default;
};

// What the runtime remembers of a container: the state file.
struct ContainerRecord {
  std::string id;
  std::string oci_version;
  std::string bundle;                  // absolute
  std::string rootfs;                  // absolute
  std::string created;                 // RFC 3339, UTC
  std::string owner;                   // name or number of the user who created it
  pid_t init_pid = 0;                  // as the runtime's pid namespace sees it; 0: creating
  std::uint64_t init_start_ticks = 0;  // field 22 of /proc/PID/stat: tells a reused pid apart
  bool no_pivot = false;
  bool restored = false;
  std::map<std::string, std::string> annotations;
  std::vector<RecordedCgroup> cgroups;
  std::optional<ResctrlGroup> resctrl;
  bool operator==(const ContainerRecord&) const = default;
};

std::string encode_record(const ContainerRecord& record);
Result<ContainerRecord> decode_record(std::string_view text);

enum class Shape {
  kSpecification,  // what hooks get: nothing beyond the specification's members
  kRunc,           // what `state` and `list --format json` print: rootfs, created and owner too
};

// `pid` is 0 for a stopped container.
std::string encode_state(const ContainerRecord& record, Status status, pid_t pid, Shape shape);

// "Container Process State" of the specification, for a seccomp agent: `state` is what encode_state
// gave, `pid` the process with the filter, whose listener is the only descriptor passed with it.
Result<std::string> encode_process_state(const std::string& state, pid_t pid,
                                         const std::string& metadata);

struct ListEntry {
  ContainerRecord record;
  Status status = Status::kStopped;
  pid_t pid = 0;
};
std::string encode_list(const std::vector<ListEntry>& entries);
std::string encode_pids(const std::vector<pid_t>& pids);

struct Features {
  std::string version_min, version_max;
  std::vector<std::string> hooks, mount_options, namespaces, capabilities;
  std::vector<std::string> seccomp_actions, seccomp_operators, seccomp_archs, seccomp_flags;
  std::vector<std::string> memory_policy_modes, memory_policy_flags;
  std::map<std::string, std::string> annotations;
};
std::string encode_features(const Features& features);

}  // namespace stasis::oci
