// Descriptors that the kernel signals events through: eventfd(2), timerfd_create(2), signalfd(2),
// epoll_create(2).
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// `flags`: EFD_NONBLOCK, EFD_SEMAPHORE. The kernel takes a 32-bit count here; a larger one is set
// by add_to_event_fd().
Result<UniqueFd> make_event_fd(unsigned count, int flags);
// write(2): adds to the count. EAGAIN when it would pass 2^64 - 2 and the fd is non-blocking.
Result<void> add_to_event_fd(int fd, std::uint64_t count);

// `clock`: CLOCK_ value; the ALARM clocks need CAP_WAKE_ALARM. `flags`: TFD_NONBLOCK.
Result<UniqueFd> make_timer_fd(int clock, int flags);
// timerfd_settime(2). A `value_ns` of 0 disarms. `flags`: TFD_TIMER_ABSTIME ...
Result<void> arm_timer_fd(int fd, int flags, std::uint64_t value_ns, std::uint64_t interval_ns);
// TFD_IOC_SET_TICKS, Linux 3.17, CONFIG_CHECKPOINT_RESTORE: expirations not read yet. EINVAL for 0.
Result<void> set_timer_fd_ticks(int fd, std::uint64_t ticks);

// clock_gettime(2), in the caller's time namespace.
Result<std::uint64_t> read_clock_ns(int clock);

// Bit n-1 of `mask` stands for signal n. SIGKILL and SIGSTOP are left out by the kernel.
Result<UniqueFd> make_signal_fd(std::uint64_t mask, int flags);

Result<UniqueFd> make_epoll();
// EPOLL_CTL_ADD. EPERM: `fd` cannot be polled. ELOOP: it is an epoll that watches this one.
Result<void> add_to_epoll(int epoll, int fd, std::uint32_t events, std::uint64_t data);
// epoll_wait(2): takes at most one event out, without waiting.
Result<void> take_epoll_event(int epoll);
// kcmp(2) KCMP_EPOLL_TFD, Linux 4.13: whether target number `offset` of those that `epoll` watches
// under the number `target_fd` is the open file behind `fd`. ENOENT (kNotFound): no such target.
Result<bool> epoll_watches(int epoll, int target_fd, unsigned offset, int fd);

}  // namespace stasis::sys
