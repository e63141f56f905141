#include "checkpoint/fd_kinds.h"

namespace stasis::checkpoint {

Result<void> collect_eventfd(FileContext& context, std::uint32_t file) {
  const auto& info = context.files[file].info.eventfd;
  if (!info)
    return fail(ErrorKind::kUnsupported, "this kernel does not tell the count of eventfds");
  // Linux before 6.5 does not say EFD_SEMAPHORE; such a descriptor comes back without it.
  context.model_of(file).detail = model::EventFd{info->count, info->semaphore.value_or(false)};
  return {};
}

}  // namespace stasis::checkpoint
