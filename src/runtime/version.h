// What `stasis --version` prints and `stasis features` and images name as their maker.
#pragma once

#include <string>

namespace stasis::runtime {

inline constexpr const char* kVersion = "0.1.0";
inline constexpr const char* kOciVersion = "1.2.0";

// Lines in runc's shape: dockerd reads the version and, when it was built in a git checkout, the
// commit.
std::string version_text();

}  // namespace stasis::runtime
