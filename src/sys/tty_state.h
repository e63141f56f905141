// What a terminal is set to: ioctl_tty(2), with struct termios2 (any speed), and the pty options of
// its master side. The ioctls on a master speak of the slave's settings.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// struct termios2 of asm-generic/termbits.h.
struct TerminalSettings {
  std::uint32_t iflag = 0, oflag = 0, cflag = 0, lflag = 0;
  std::uint8_t line = 0;
  std::array<std::uint8_t, 19> cc{};
  std::uint32_t ispeed = 0, ospeed = 0;
  bool operator==(const TerminalSettings&) const = default;
};
// TCGETS2, TCSETS2 (at once). EIO: the terminal has hung up.
Result<TerminalSettings> get_terminal_settings(int fd);
Result<void> set_terminal_settings(int fd, const TerminalSettings& settings);

// TIOCGDEV, Linux 2.6.39: the number N of /dev/pts/N behind any descriptor of a pty, /dev/tty too;
// nothing for another kind of terminal. EIO: it has hung up.
Result<std::optional<std::uint32_t>> get_pty_index(int fd);

// Masters only. TIOCGPTLCK, TIOCGPKT (Linux 3.8), TIOCSPTLCK, TIOCPKT.
struct MasterState {
  bool locked = false;
  bool packet_mode = false;
};
Result<MasterState> get_master_state(int fd);
Result<void> set_master_state(int fd, const MasterState& state);
// TIOCGPTN: the number of the slave.
Result<std::uint32_t> get_master_index(int fd);

// TIOCGEXCL (Linux 3.8), TIOCEXCL.
Result<bool> is_terminal_exclusive(int fd);
Result<void> set_terminal_exclusive(int fd);

// TIOCOUTQ: bytes written and not taken by the other side yet.
Result<int> get_unsent_bytes(int fd);

}  // namespace stasis::sys
