// Names of sysctls, as linux.sysctl of config.json and sysctl(8) write them.
// Not here: whether a container may set one (oci/validate.h, runtime/sysctls.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "oci/spec.h"

namespace stasis::oci {

// The file below /proc/sys. The first '.' or '/' of a name is its separator, and the other one then
// stands for a separator within a component: "net.ipv4.conf.eth0/100.rp_filter" and
// "net/ipv4/conf/eth0.100/rp_filter" both are "net/ipv4/conf/eth0.100/rp_filter".
// Nothing for a name that would leave its directory (".."), or with an empty component.
std::optional<std::string> path_of_sysctl(std::string_view name);

// The namespace that a sysctl belongs to; nothing when it is not namespaced ("kernel.panic") or no
// name of a sysctl.
std::optional<NamespaceKind> namespace_of_sysctl(std::string_view name);

}  // namespace stasis::oci
