// From linux.resources of config.json to the control files of the container's cgroup.
#pragma once

#include <vector>

#include "base/result.h"
#include "cgroup/container_cgroup.h"
#include "oci/resources.h"

namespace stasis::runtime {

// Limits and device rules. kUnsupported: a limit is set and its controller is not mounted here.
Result<void> apply_resources(const oci::Resources& resources, const cgroup::ContainerCgroup& cgroup,
                             const std::vector<cgroup::Hierarchy>& hierarchies);

}  // namespace stasis::runtime
