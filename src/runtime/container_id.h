// Names of containers.
#pragma once

#include <string_view>

#include "base/result.h"

namespace stasis::runtime {

// Letters, digits, "_", "+", "-" and ".", up to 1024 of them, but not "." and "..": the name
// becomes a directory.
Result<void> validate_container_id(std::string_view id);

}  // namespace stasis::runtime
