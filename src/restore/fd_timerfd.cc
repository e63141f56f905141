#include <fcntl.h>
#include <sys/timerfd.h>

#include "restore/fd_kinds.h"
#include "sys/event_fd.h"

namespace stasis::restore {

Result<UniqueFd> open_timerfd(const model::OpenFile& file, const model::TimerFd& detail) {
  STASIS_ASSIGN(UniqueFd fd,
                sys::make_timer_fd(detail.clock, static_cast<int>(file.flags & O_NONBLOCK)));
  std::uint64_t value = detail.value_ns;
  // A periodic timer that has expired is not running until it is read. Armed a period ahead, it
  // gives the same count when read, and goes on.
  if (value == 0 && detail.interval_ns != 0 && detail.ticks != 0) value = detail.interval_ns;
  auto flags = static_cast<int>(detail.settime_flags);
  std::uint64_t start = value;
  if ((flags & TFD_TIMER_ABSTIME) != 0 && value != 0) {
    STASIS_ASSIGN(const auto now, sys::read_clock_ns(detail.clock));
    start = now + value;
  }
  STASIS_TRY(sys::arm_timer_fd(fd.get(), flags, start, detail.interval_ns));
  if (detail.ticks != 0) STASIS_TRY(sys::set_timer_fd_ticks(fd.get(), detail.ticks));
  return fd;
}

}  // namespace stasis::restore
