// System calls that are newer than a seccomp profile: its author could not know them, so they get
// ENOSYS, as from an older kernel. C libraries fall back to an older call then, where the profile's
// own answer (mostly EPERM) would make them give up.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "oci/seccomp.h"

namespace stasis::runtime {

// Instructions (struct sock_filter each) to go before the profile's program: a number above all
// that the profile names for the architecture gets ENOSYS, all else falls through. `architectures`
// are libseccomp's tokens. Empty for profiles that allow what they do not name.
std::vector<std::uint64_t> refuse_newer_calls(const oci::Seccomp& config,
                                              const std::vector<std::uint32_t>& architectures);

}  // namespace stasis::runtime
