// A mount of another mount namespace, seen without what is mounted on top of it.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::ns {

// A detached copy of the mount that `fd` lies on: the whole file system below that place, also what
// other mounts cover in the namespace; nothing in the namespace changes. It has mount flags of its
// own. `mount_ns_fd`: the namespace. CAP_SYS_ADMIN in its user namespace.
// EINVAL: the mount was copied from a namespace with more privileges (mount_namespaces(7)).
Result<UniqueFd> copy_mount(int mount_ns_fd, int fd);

}  // namespace stasis::ns
