// Pseudoterminals: pty(7), ioctl_tty(2), termios(3). TIOCGPTPEER is Linux 4.13.
#pragma once

#include <string>

#include <sys/ioctl.h>
#include <termios.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

struct Pty {
  UniqueFd master;
  UniqueFd slave;
  int index = 0;  // the slave is /dev/pts/INDEX of the devpts instance of the ptmx
};
// Unlocks the pair that opening a ptmx made, and opens its slave without a path.
Result<Pty> open_pty(UniqueFd master);

Result<void> set_window_size(int fd, const winsize& size);
Result<winsize> get_window_size(int fd);
// The terminal becomes the controlling one of the calling session leader.
Result<void> set_controlling_terminal(int fd);
bool is_terminal(int fd);

Result<termios> get_terminal_mode(int fd);
Result<void> set_terminal_mode(int fd, const termios& mode);
// The mode in which bytes pass unchanged, both ways.
termios raw_mode(const termios& mode);

}  // namespace stasis::sys
