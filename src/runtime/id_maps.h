// The id mappings of a new user namespace, user_namespaces(7): written by this process where it has
// the right to, else by newuidmap(1) and newgidmap(1), which have it for the ranges of /etc/subuid
// and /etc/subgid.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "oci/spec.h"

namespace stasis::runtime {

// A uid_map or gid_map text.
std::string format_id_map(const std::vector<oci::IdMapping>& mappings);

// Nothing to do without a new user namespace. Without CAP_SETUID and CAP_SETGID the own uid and gid
// are mapped directly, with setgroups(2) denied in the namespace, which the kernel asks for; all
// else needs the two programs.
Result<void> map_ids(const oci::Spec& spec, HostPid pid);

}  // namespace stasis::runtime
