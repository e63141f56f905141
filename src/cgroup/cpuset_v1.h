// A new v1 cpuset is empty and takes no processes until it has cpus and mems
// (Documentation/admin-guide/cgroup-v1/cpusets.rst).
#pragma once

#include <string>

#include "base/result.h"

namespace stasis::cgroup {

// Copies cpuset.cpus and cpuset.mems from parent to child on the way from `mount_point` down to
// `directory`, wherever the child has none.
Result<void> inherit_cpuset(const std::string& mount_point, const std::string& directory);

}  // namespace stasis::cgroup
