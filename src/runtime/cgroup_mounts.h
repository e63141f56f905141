// A mount of type cgroup or cgroup2: the container's own directories of each hierarchy. Runs in the
// child.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/environment.h"

namespace stasis::runtime {

// v1 and hybrid: a tmpfs with one directory for each hierarchy; v2: the container's directory
// itself. Bound, not mounted anew: the container sees its own cgroups only, with or without a
// cgroup namespace. The options are those of every hierarchy; a tmpfs is left writable, for the
// caller to make it read-only when nothing more has to be made in it. Gives the mount at
// `target_fd`.
Result<UniqueFd> mount_cgroups(const MountOptions& options, const std::vector<CgroupView>& views,
                               int target_fd);

}  // namespace stasis::runtime
