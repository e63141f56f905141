// The config.json that `stasis spec` writes: a shell in a read-only ./rootfs, in new namespaces.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stasis::oci {

std::string_view default_spec_text();

// The same for who is not root: in a user namespace whose root is `uid` and `gid`, with the network
// and the /sys of the host, and without limits.
std::string rootless_spec_text(std::uint32_t uid, std::uint32_t gid);

// One of those, with a new cgroup namespace.
std::string with_cgroup_namespace(std::string_view text);

}  // namespace stasis::oci
