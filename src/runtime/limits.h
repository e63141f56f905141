// From linux.resources of config.json to the control files of the container's cgroup.
#pragma once

#include <vector>

#include "base/result.h"
#include "cgroup/container_cgroup.h"
#include "oci/resources.h"

namespace stasis::runtime {

// For a new container: limits and device rules. Errors name the member of config.json.
// kUnsupported: a limit is set and its controller is not mounted here, or the container has no
// cgroup of it. With kPassOver device rules are left out where they may not be set: there they
// protect nothing, as who is not root makes no device nodes either.
Result<void> apply_resources(const oci::Resources& resources, const cgroup::ContainerCgroup& cgroup,
                             const std::vector<cgroup::Hierarchy>& hierarchies,
                             cgroup::Denied denied);

// For a container that has its own: what `resources` do not speak of stays, and so do device rules.
// Errors name the member of `resources`.
Result<void> update_resources(const oci::Resources& resources,
                              const cgroup::ContainerCgroup& cgroup,
                              const std::vector<cgroup::Hierarchy>& hierarchies);

}  // namespace stasis::runtime
