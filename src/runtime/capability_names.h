// Capability names of config.json and the bits of the kernel's sets (capabilities(7)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stasis::runtime {

// The number of "CAP_KILL"; also without the prefix, in any case of letters.
std::optional<unsigned> find_capability(std::string_view name);

// The bits of all names; unknown ones are added to `unknown`.
std::uint64_t capability_bits(const std::vector<std::string>& names,
                              std::vector<std::string>& unknown);

// "CAP_KILL, CAP_CHOWN": names of the bits that are set.
std::string describe_capabilities(std::uint64_t bits);
std::vector<std::string> known_capabilities();

}  // namespace stasis::runtime
