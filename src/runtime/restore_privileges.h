// An image is untrusted input: it must not give a process more than config.json allows.
#pragma once

#include "base/result.h"
#include "model/container.h"
#include "oci/spec.h"

namespace stasis::runtime {

// Pure. Compares every thread of the image with process.capabilities, noNewPrivileges and the
// presence of linux.seccomp. kConflict names each process that has more, and what to change.
Result<void> check_privileges(const model::Container& image, const oci::Spec& spec);

}  // namespace stasis::runtime
