#include "sys/tty_state.h"

#include <asm/termbits.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include <cstring>

#include "sys/call.h"

namespace stasis::sys {
namespace {

constexpr unsigned kPtySlaveMajor = 136;  // UNIX98_PTY_SLAVE_MAJOR

static_assert(sizeof(termios2::c_cc) == std::tuple_size_v<decltype(TerminalSettings::cc)>);

Result<int> get_int(int fd, unsigned long request, std::string_view name) {
  int value = 0;
  if (::ioctl(fd, request, &value) != 0) return last_error("ioctl {} fd {}", name, fd);
  return value;
}

}  // namespace

Result<TerminalSettings> get_terminal_settings(int fd) {
  termios2 raw{};
  if (::ioctl(fd, TCGETS2, &raw) != 0) return last_error("ioctl TCGETS2 fd {}", fd);
  TerminalSettings settings{.iflag = raw.c_iflag,
                            .oflag = raw.c_oflag,
                            .cflag = raw.c_cflag,
                            .lflag = raw.c_lflag,
                            .line = raw.c_line,
                            .cc = {},
                            .ispeed = raw.c_ispeed,
                            .ospeed = raw.c_ospeed};
  std::memcpy(settings.cc.data(), raw.c_cc, sizeof(raw.c_cc));
  return settings;
}

Result<void> set_terminal_settings(int fd, const TerminalSettings& settings) {
  termios2 raw{};
  raw.c_iflag = settings.iflag;
  raw.c_oflag = settings.oflag;
  raw.c_cflag = settings.cflag;
  raw.c_lflag = settings.lflag;
  raw.c_line = settings.line;
  raw.c_ispeed = settings.ispeed;
  raw.c_ospeed = settings.ospeed;
  std::memcpy(raw.c_cc, settings.cc.data(), sizeof(raw.c_cc));
  if (::ioctl(fd, TCSETS2, &raw) != 0) return last_error("ioctl TCSETS2 fd {}", fd);
  return {};
}

Result<std::optional<std::uint32_t>> get_pty_index(int fd) {
  STASIS_ASSIGN(const int encoded, get_int(fd, TIOCGDEV, "TIOCGDEV"));
  // new_encode_dev() of linux/kdev_t.h
  const auto device = static_cast<std::uint32_t>(encoded);
  const std::uint32_t major = (device & 0xfff00U) >> 8;
  const std::uint32_t minor = (device & 0xffU) | ((device >> 12) & 0xfff00U);
  if (major != kPtySlaveMajor) return std::optional<std::uint32_t>();
  return std::optional(minor);
}

Result<MasterState> get_master_state(int fd) {
  STASIS_ASSIGN(const int locked, get_int(fd, TIOCGPTLCK, "TIOCGPTLCK"));
  STASIS_ASSIGN(const int packet_mode, get_int(fd, TIOCGPKT, "TIOCGPKT"));
  return MasterState{locked != 0, packet_mode != 0};
}

Result<void> set_master_state(int fd, const MasterState& state) {
  const int locked = state.locked ? 1 : 0;
  const int packet_mode = state.packet_mode ? 1 : 0;
  if (::ioctl(fd, TIOCSPTLCK, &locked) != 0) return last_error("ioctl TIOCSPTLCK fd {}", fd);
  if (::ioctl(fd, TIOCPKT, &packet_mode) != 0) return last_error("ioctl TIOCPKT fd {}", fd);
  return {};
}

Result<std::uint32_t> get_master_index(int fd) {
  STASIS_ASSIGN(const int index, get_int(fd, TIOCGPTN, "TIOCGPTN"));
  return static_cast<std::uint32_t>(index);
}

Result<bool> is_terminal_exclusive(int fd) {
  STASIS_ASSIGN(const int exclusive, get_int(fd, TIOCGEXCL, "TIOCGEXCL"));
  return exclusive != 0;
}

Result<void> set_terminal_exclusive(int fd) {
  if (::ioctl(fd, TIOCEXCL) != 0) return last_error("ioctl TIOCEXCL fd {}", fd);
  return {};
}

Result<int> get_unsent_bytes(int fd) { return get_int(fd, TIOCOUTQ, "TIOCOUTQ"); }

}  // namespace stasis::sys
