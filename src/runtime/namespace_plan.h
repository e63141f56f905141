// From linux.namespaces of config.json to what ns::spawn takes.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/network.h"
#include "ns/spawn.h"
#include "oci/spec.h"

namespace stasis::runtime {

ns::Kind to_kind(oci::NamespaceKind kind);

// Opens the namespaces that are given by path. A new cgroup namespace is left out: the child
// unshares it once it is in its cgroup.
Result<ns::NamespacePlan> plan_namespaces(const oci::Spec& spec);

// The container's when linux.namespaces has a new one.
model::NetworkOwner network_owner(const oci::Spec& spec);

// All namespaces of `pid` that this process is not in itself, for joining: setns(2) into one's own
// user namespace would fail.
Result<ns::NamespacePlan> plan_joining(HostPid pid);

}  // namespace stasis::runtime
