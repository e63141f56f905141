#include "checkpoint/fd_kinds.h"

namespace stasis::checkpoint {

Result<void> collect_timerfd(FileContext& context, std::uint32_t file) {
  const auto& info = context.files[file].info.timerfd;
  if (!info)
    return fail(ErrorKind::kUnsupported, "this kernel does not tell the state of timerfds");
  context.model_of(file).detail = model::TimerFd{info->clock, info->settime_flags, info->ticks,
                                                 info->value_ns, info->interval_ns};
  return {};
}

}  // namespace stasis::checkpoint
