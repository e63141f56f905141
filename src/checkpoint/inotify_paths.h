// Finding the file that an inotify watch is on: the kernel tells an inode and a handle, not a path.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "checkpoint/file_context.h"

namespace stasis::checkpoint {

// A path in the container that leads to it; nothing when there is none. By handle where the file
// system can open one; otherwise (overlay filesystems) the mount is searched.
Result<std::optional<std::string>> find_inotify_path(const FileContext& context,
                                                     const proc::InotifyWatchInfo& watch);

}  // namespace stasis::checkpoint
