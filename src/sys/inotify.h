// inotify(7). Watch descriptors are given out one after the other, from 1 on; numbers of removed
// watches are used again only after all 2^31 have been.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// Non-blocking.
Result<UniqueFd> make_inotify();
// The watch descriptor. A file that is watched already keeps its own, with the new mask. ENOSPC:
// /proc/sys/fs/inotify/max_user_watches.
Result<std::int32_t> add_inotify_watch(int fd, const std::string& path, std::uint32_t mask);
Result<void> remove_inotify_watch(int fd, std::int32_t watch);

}  // namespace stasis::sys
