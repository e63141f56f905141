// The processes of a container that has no cgroup, as those of who is not root often have none:
// they are known by their pid namespace.
#pragma once

#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "runtime/container.h"

namespace stasis::runtime {

// By the container's cgroup if it has one. Else all in the pid namespace of its first process, or
// that process alone, where the namespace is not the container's own or may not be looked at. No
// particular order; empty once the container has stopped.
Result<std::vector<HostPid>> members_of(const Container& container);

// As ContainerCgroup::signal_all, to those.
Result<void> signal_members(const Container& container, int signal);

// SIGKILL to the first process, with which its pid namespace ends; returns when it has ended.
// kTimeout after 10 s.
Result<void> end_first_process(const oci::ContainerRecord& record);

}  // namespace stasis::runtime
