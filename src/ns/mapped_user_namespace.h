// A user namespace that nobody is in, for its maps of ids: what mount_setattr(2) takes.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::ns {

// The maps as uid_map and gid_map of user_namespaces(7) take them: "0 100000 65536\n" lines. The
// caller must have one thread only: a child of it makes the namespace and is gone afterwards.
Result<UniqueFd> make_user_namespace(const std::string& uid_map, const std::string& gid_map);

}  // namespace stasis::ns
