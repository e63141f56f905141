// memfd_create(2), Linux 3.17.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// An empty file in memory, close-on-exec.
Result<UniqueFd> make_memory_file(const std::string& name);

}  // namespace stasis::sys
