// process.apparmorProfile and process.selinuxLabel: what a security module of the kernel holds the
// process to.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "oci/spec.h"

namespace stasis::runtime {

struct Confinement {
  std::string apparmor_profile;
  UniqueFd proc;  // the host's procfs: a container may have mounted anything over its own
};

// Nothing when the process is not to be confined. kUnsupported: the kernel has no AppArmor.
Result<std::optional<Confinement>> plan_confinement(const oci::Process& process);

// In the process itself: from its next execve on.
Result<void> confine_on_exec(const Confinement& confinement);

// An image does not hold profiles, and a restored process executes nothing that it could take one
// at. kUnsupported: names the first process that is confined.
Result<void> refuse_confined_processes(std::span<const HostPid> processes);
Result<void> refuse_confined_restore(const oci::Process& process);

}  // namespace stasis::runtime
