// Controllers of the v2 hierarchy: which there are, and giving them to a cgroup
// (Documentation/admin-guide/cgroup-v2.rst, "Controlling Controllers").
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cgroup/hierarchy.h"

namespace stasis::cgroup {

Result<std::vector<std::string>> read_v2_controllers(const Hierarchy& hierarchy);

// A cgroup has a controller's files when its parent gives the controller to its children; so must
// every ancestor. EBUSY: an ancestor has processes itself.
Result<void> enable_v2_controller(const Hierarchy& hierarchy, const std::string& directory,
                                  const std::string& controller);

// All that can be: what cannot is missed only by those who need it. For machines without v1, where
// statistics and what the container makes of its cgroup depend on it.
Result<void> enable_v2_controllers(const Hierarchy& hierarchy, const std::string& directory);

}  // namespace stasis::cgroup
