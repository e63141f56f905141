// Who owns a file, its mode, times and extended attributes.
#pragma once

#include <sys/stat.h>

#include "base/result.h"
#include "model/filesystem.h"

namespace stasis::checkpoint {

// `fd`: any file, O_PATH will do; `status` is its own.
Result<model::FileMetadata> read_metadata(int fd, const struct stat& status);

}  // namespace stasis::checkpoint
