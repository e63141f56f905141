// A child process in a set of new and existing namespaces.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "ns/kinds.h"

namespace stasis::ns {

struct JoinedNamespace {
  Kind kind = Kind::kPid;
  UniqueFd fd;
  std::string name;  // for errors: the path it was opened from
};

// Added to the host's clocks inside a new time namespace (time_namespaces(7)).
struct TimeOffsets {
  std::int64_t monotonic_ns = 0;
  std::int64_t boottime_ns = 0;
  bool operator==(const TimeOffsets&) const = default;
};

struct NamespacePlan {
  // Not kCgroup, which the child unshares in its cgroup.
  std::vector<Kind> created;
  std::vector<JoinedNamespace> joined;      // in any order
  std::optional<TimeOffsets> time_offsets;  // with kTime in `created`
  std::optional<NsPid> number;              // of the child, in its pid namespace; any if none
  int cgroup_fd = -1;  // a v2 cgroup that the child is born in; borrowed, -1: the caller's
};

// Opens an existing namespace; kInvalidArgument when the file is no namespace of that kind.
Result<JoinedNamespace> open_namespace(Kind kind, const std::string& path);

// Runs `child` in a new child process of the caller, which must have one thread only; `child` must
// not return. Joining is done by a helper process in between (a pid namespace takes in children
// only), which is gone when this returns; the new process is the caller's own child in any case.
Result<HostPid> spawn(const NamespacePlan& plan, const std::function<void()>& child);

// Maps of a child's new user namespace (user_namespaces(7)): "0 100000 65536\n" lines.
// Who has no CAP_SETGID outside may map its own group only once setgroups(2) is denied inside.
enum class GroupChanges { kAllow, kDeny };
Result<void> write_id_maps(HostPid pid, const std::string& uid_map, const std::string& gid_map,
                           GroupChanges group_changes);

// "monotonic 5 0\nboottime -3 500000000\n", as /proc/PID/timens_offsets takes it: nanoseconds are
// never negative.
std::string format_time_offsets(const TimeOffsets& offsets);

}  // namespace stasis::ns
