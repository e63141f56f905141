#include <fcntl.h>

#include "restore/fd_kinds.h"
#include "sys/event_fd.h"

namespace stasis::restore {

Result<UniqueFd> open_signalfd(const model::OpenFile& file, const model::SignalFd& detail) {
  return sys::make_signal_fd(detail.mask, static_cast<int>(file.flags & O_NONBLOCK));
}

}  // namespace stasis::restore
