// linux.sysctl: which files are written, and the proof that they are not the host's.
// Not here: names (oci/sysctl.h), the writing (runtime/environment.h).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ns/spawn.h"
#include "oci/spec.h"

namespace stasis::runtime {

// Pure: path below /proc/sys, value. `spec` is valid.
std::vector<std::pair<std::string, std::string>> plan_sysctls(const oci::Spec& spec);

// kInvalidArgument, with the sysctl's name, when it belongs to a namespace that is joined by a path
// and is the runtime's own: what is written there reaches everybody outside of the container.
// Looks at the namespaces as they were opened, so that nobody can change what a path leads to.
Result<void> check_sysctls(const oci::Spec& spec, const std::vector<ns::JoinedNamespace>& joined);

}  // namespace stasis::runtime
