#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"
#include "checkpoint/inotify_paths.h"
#include "sys/descriptor.h"

namespace stasis::checkpoint {

Result<void> collect_inotify(FileContext& context, std::uint32_t file) {
  STASIS_ASSIGN(const int unread, sys::get_readable_bytes(context.files[file].fd.get()));
  if (unread != 0) {
    context.block(file, "an inotify with events that were not read yet", "try again in a moment");
  }
  model::Inotify described;
  for (const auto& watch : context.files[file].info.inotify_watches) {
    STASIS_ASSIGN(auto path, find_inotify_path(context, watch));
    if (!path) {
      context.block(file,
                    fmt::format("an inotify watch (descriptor {}) on a file that has no name in "
                                "the container",
                                watch.descriptor),
                    "remove the watch before the checkpoint");
      continue;
    }
    described.watches.push_back({watch.descriptor, std::move(*path), watch.mask});
  }
  context.model_of(file).detail = std::move(described);
  return {};
}

}  // namespace stasis::checkpoint
