#include "sys/event_fd.h"

#include <linux/ioctl.h>
#include <linux/kcmp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {
namespace {

constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
constexpr unsigned long kSetTicks = _IOW('T', 0, std::uint64_t);  // TFD_IOC_SET_TICKS
constexpr std::size_t kKernelSignalSetBytes = 8;

timespec to_timespec(std::uint64_t ns) {
  timespec value{};
  value.tv_sec = static_cast<time_t>(ns / kNsPerSecond);
  value.tv_nsec = static_cast<long>(ns % kNsPerSecond);
  return value;
}

}  // namespace

Result<UniqueFd> make_event_fd(unsigned count, int flags) {
  UniqueFd fd(::eventfd(count, flags | EFD_CLOEXEC));
  if (!fd) return last_error("eventfd {} flags {:#o}", count, flags);
  return fd;
}

Result<void> add_to_event_fd(int fd, std::uint64_t count) {
  if (retry([&] { return ::write(fd, &count, sizeof(count)); }) != sizeof(count)) {
    return last_error("write {} to an eventfd", count);
  }
  return {};
}

Result<UniqueFd> make_timer_fd(int clock, int flags) {
  UniqueFd fd(::timerfd_create(clock, flags | TFD_CLOEXEC));
  if (!fd) return last_error("timerfd_create clock {} flags {:#o}", clock, flags);
  return fd;
}

Result<void> arm_timer_fd(int fd, int flags, std::uint64_t value_ns, std::uint64_t interval_ns) {
  itimerspec times{};
  times.it_value = to_timespec(value_ns);
  times.it_interval = to_timespec(interval_ns);
  if (::timerfd_settime(fd, flags, &times, nullptr) != 0) {
    return last_error("timerfd_settime {} ns interval {} ns flags {}", value_ns, interval_ns,
                      flags);
  }
  return {};
}

Result<void> set_timer_fd_ticks(int fd, std::uint64_t ticks) {
  if (::ioctl(fd, kSetTicks, &ticks) != 0) return last_error("ioctl TFD_IOC_SET_TICKS {}", ticks);
  return {};
}

Result<std::uint64_t> read_clock_ns(int clock) {
  timespec now{};
  if (::clock_gettime(clock, &now) != 0) return last_error("clock_gettime {}", clock);
  return static_cast<std::uint64_t>(now.tv_sec) * kNsPerSecond +
         static_cast<std::uint64_t>(now.tv_nsec);
}

Result<UniqueFd> make_signal_fd(std::uint64_t mask, int flags) {
  const long fd = ::syscall(SYS_signalfd4, -1, &mask, kKernelSignalSetBytes, flags | SFD_CLOEXEC);
  if (fd < 0) return last_error("signalfd4 {:#x} flags {:#o}", mask, flags);
  return UniqueFd(static_cast<int>(fd));
}

Result<UniqueFd> make_epoll() {
  UniqueFd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd) return last_error("epoll_create1");
  return fd;
}

Result<void> add_to_epoll(int epoll, int fd, std::uint32_t events, std::uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
    return last_error("epoll_ctl EPOLL_CTL_ADD fd {} events {:#x}", fd, events);
  }
  return {};
}

Result<void> take_epoll_event(int epoll) {
  epoll_event event{};
  if (retry([&] { return ::epoll_wait(epoll, &event, 1, 0); }) < 0) return last_error("epoll_wait");
  return {};
}

Result<bool> epoll_watches(int epoll, int target_fd, unsigned offset, int fd) {
  kcmp_epoll_slot slot{};
  slot.efd = static_cast<std::uint32_t>(epoll);
  slot.tfd = static_cast<std::uint32_t>(target_fd);
  slot.toff = offset;
  const long order = ::syscall(SYS_kcmp, ::getpid(), ::getpid(), KCMP_EPOLL_TFD, fd, &slot);
  if (order < 0) return last_error("kcmp KCMP_EPOLL_TFD fd {}", target_fd);
  return order == 0;
}

}  // namespace stasis::sys
