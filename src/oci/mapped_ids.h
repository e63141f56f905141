// The ids that a configuration uses in a new user namespace, against those that it maps there
// (user_namespaces(7)): the kernel only says EINVAL.
#pragma once

#include "base/result.h"
#include "oci/spec.h"

namespace stasis::oci {

// Without a user namespace, or with one that exists already, anything goes. kInvalidArgument names
// the member, the id and what is mapped. Id 0 must be mapped in any case: mounts are made as root.
Result<void> validate_mapped_ids(const Spec& spec, const User& user);

}  // namespace stasis::oci
