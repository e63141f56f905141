// The config.json that `stasis spec` writes: a shell in a read-only ./rootfs, in new namespaces.
#pragma once

#include <string_view>

namespace stasis::oci {

std::string_view default_spec_text();

}  // namespace stasis::oci
