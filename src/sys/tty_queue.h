// What is on its way through a terminal and was not read yet. The kernel has no way to look at it:
// it is read, and put back by TIOCSTI (ioctl_tty(2)), which enters bytes into the reader's side as
// if they had just arrived. CAP_SYS_ADMIN in the initial user namespace.
//
// Nobody else may read, write or set the terminal meanwhile. Bytes come back as they were, with the
// bounds of lines; whoever waits for input is woken once more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace stasis::sys {

// One less than N_TTY_BUF_SIZE less the byte that the kernel keeps free: with more than this
// waiting, there may be yet more that has not even reached the queue.
inline constexpr std::size_t kMostQueuedBytes = 4094;

struct TtyInput {
  std::vector<std::uint8_t> data;
  // In canonical mode: the lengths of the whole lines, which read(2) gives one at a time. 0 is a
  // lone end of file (^D). What follows them is a line that is still being typed.
  std::vector<std::uint32_t> lines;
  bool empty() const { return data.empty() && lines.empty(); }
  bool operator==(const TtyInput&) const = default;
};

// Whether the caller may put bytes into the terminal behind `fd`.
Result<bool> may_insert_input(int fd);

// The two below are for the slave's side, non-blocking, of any mode.
// kUnsupported, with nothing lost: more than kMostQueuedBytes.
Result<TtyInput> copy_tty_input(int fd);
// Adds to a queue with room for it.
Result<void> insert_tty_input(int fd, const TtyInput& input);

// For the master's side, which has no lines; it is not in packet mode.
Result<std::vector<std::uint8_t>> copy_tty_output(int master);
Result<void> insert_tty_output(int master, std::span<const std::uint8_t> output);

}  // namespace stasis::sys
