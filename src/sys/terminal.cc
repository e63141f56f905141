#include "sys/terminal.h"

#include <fcntl.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {

Result<Pty> open_pty(UniqueFd master) {
  Pty pty;
  pty.master = std::move(master);
  const int locked = 0;
  if (::ioctl(pty.master.get(), TIOCSPTLCK, &locked) != 0) return last_error("ioctl TIOCSPTLCK");
  if (::ioctl(pty.master.get(), TIOCGPTN, &pty.index) != 0) return last_error("ioctl TIOCGPTN");
  const int slave = ::ioctl(pty.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return last_error("ioctl TIOCGPTPEER");
  pty.slave.reset(slave);
  return pty;
}

Result<void> set_window_size(int fd, const winsize& size) {
  if (::ioctl(fd, TIOCSWINSZ, &size) != 0) return last_error("ioctl TIOCSWINSZ fd {}", fd);
  return {};
}

Result<winsize> get_window_size(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) return last_error("ioctl TIOCGWINSZ fd {}", fd);
  return size;
}

Result<void> set_controlling_terminal(int fd) {
  if (::ioctl(fd, TIOCSCTTY, 0) != 0) return last_error("ioctl TIOCSCTTY fd {}", fd);
  return {};
}

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

Result<termios> get_terminal_mode(int fd) {
  termios mode{};
  if (::tcgetattr(fd, &mode) != 0) return last_error("tcgetattr fd {}", fd);
  return mode;
}

Result<void> set_terminal_mode(int fd, const termios& mode) {
  if (::tcsetattr(fd, TCSANOW, &mode) != 0) return last_error("tcsetattr fd {}", fd);
  return {};
}

termios raw_mode(const termios& mode) {
  termios raw = mode;
  ::cfmakeraw(&raw);
  return raw;
}

}  // namespace stasis::sys
