// faccessat(2) with the caller's effective ids (AT_EACCESS).
#pragma once

#include <string>

#include "base/result.h"

namespace stasis::sys {

// `mode`: X_OK, R_OK, W_OK. EACCES: not allowed.
Result<void> check_access(const std::string& path, int mode);

}  // namespace stasis::sys
