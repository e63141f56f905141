#include "checkpoint/fd_kinds.h"

namespace stasis::checkpoint {

Result<void> collect_signalfd(FileContext& context, std::uint32_t file) {
  const auto& mask = context.files[file].info.signal_mask;
  if (!mask)
    return fail(ErrorKind::kUnsupported, "this kernel does not tell the mask of signalfds");
  context.model_of(file).detail = model::SignalFd{*mask};
  return {};
}

}  // namespace stasis::checkpoint
