// unshare(2), setns(2), sethostname(2), setdomainname(2). CAP_SYS_ADMIN in the user namespace that
// owns the target (and for joining, in the caller's own).
#pragma once

#include <string>

#include "base/result.h"

namespace stasis::sys {

// `flags`: CLONE_NEW bits. CLONE_NEWPID and CLONE_NEWTIME (Linux 5.6) concern later children only.
Result<void> unshare(int flags);
// `kind`: one CLONE_NEW bit, or 0 for any. EINVAL: another kind, or not allowed for this caller (a
// pid namespace that is not its own or a descendant). Joining a mount namespace resets root and
// working directory, and like a user namespace needs a single-threaded caller.
Result<void> set_ns(int ns_fd, int kind);

// The CLONE_NEW bit of the namespace that `ns_fd` refers to: ioctl_nsfs(2) NS_GET_NSTYPE,
// Linux 4.11. ENOTTY (kKernel): it is no namespace.
Result<int> get_ns_kind(int ns_fd);

Result<void> set_hostname(const std::string& name);
Result<void> set_domainname(const std::string& name);

}  // namespace stasis::sys
