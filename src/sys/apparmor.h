// AppArmor's files (aa_change_onexec(2), aa_getcon(2); security/apparmor in the kernel).
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace stasis::sys {

// Whether the kernel has AppArmor and it is switched on. `sysfs` is where sysfs is mounted.
bool apparmor_is_enabled(const std::string& sysfs = "/sys");

// The profile that the calling process takes at its next execve. `proc_fd` is a procfs that shows
// the caller, of the host and not of a container: what is written must reach the kernel.
Result<void> set_apparmor_profile_on_exec(int proc_fd, const std::string& profile);

// "unconfined", or "docker-default (enforce)".
Result<std::string> get_apparmor_label(int proc_fd, HostPid pid);

}  // namespace stasis::sys
