#include <fcntl.h>
#include <sys/eventfd.h>

#include "restore/fd_kinds.h"
#include "sys/event_fd.h"

namespace stasis::restore {

Result<UniqueFd> open_eventfd(const model::OpenFile&, const model::EventFd& detail) {
  // Non-blocking until the count is in: a count that does not fit must not hang.
  const int flags = EFD_NONBLOCK | (detail.semaphore ? EFD_SEMAPHORE : 0);
  STASIS_ASSIGN(UniqueFd fd, sys::make_event_fd(0, flags));
  if (detail.count != 0) STASIS_TRY(sys::add_to_event_fd(fd.get(), detail.count));
  return fd;
}

}  // namespace stasis::restore
