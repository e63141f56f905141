// What is different for a caller without root's rights.
#pragma once

#include <string>

#include "base/result.h"
#include "cgroup/container_cgroup.h"
#include "oci/spec.h"

namespace stasis::runtime {

// --rootless: whether cgroups that may not be made are done without.
enum class Rootless { kAuto, kYes, kNo };

// kAuto means yes to a process that is not root, or is so only in a user namespace.
cgroup::Denied denied_cgroups(Rootless rootless);

// Where state is kept without --root. /run/stasis; for who is not root, or only in a user
// namespace, $XDG_RUNTIME_DIR/stasis. Without that variable /run/user/UID/stasis and, where there
// is none, /tmp/stasis-UID, which is made, and refused if it is another user's.
Result<std::string> default_state_root();

// kInvalidArgument: the caller is not root, and the container has no user namespace in which it
// would be.
Result<void> check_own_rights(const oci::Spec& spec);

}  // namespace stasis::runtime
