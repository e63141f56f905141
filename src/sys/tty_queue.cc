#include "sys/tty_queue.h"

#include <asm/termbits.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>

#include "sys/call.h"
#include "sys/descriptor.h"
#include "sys/file.h"
#include "sys/tty_state.h"

namespace stasis::sys {
namespace {

// Of whole lines. The kernel does not tell the length of the line behind them; together they must
// not fill the queue.
constexpr int kMostLineBytes = 2047;
constexpr std::uint8_t kNewline = '\n';

bool is_canonical(const TerminalSettings& settings) {
  return (settings.lflag & ICANON) != 0 && (settings.lflag & EXTPROC) == 0;
}

// Bytes that end a line, besides a newline; 0: none.
std::array<std::uint8_t, 2> line_ends(const TerminalSettings& settings) {
  const bool extended = (settings.lflag & IEXTEN) != 0;
  return {settings.cc[VEOL], extended ? settings.cc[VEOL2] : std::uint8_t{0}};
}

Result<void> insert_byte(int fd, std::uint8_t byte) {
  if (::ioctl(fd, TIOCSTI, &byte) != 0) return last_error("ioctl TIOCSTI fd {}", fd);
  return {};
}

// All bytes that wait, `count` of which are known to.
Result<void> read_waiting(int fd, int count, std::vector<std::uint8_t>& into) {
  while (count > 0) {
    std::array<std::uint8_t, 4096> chunk;
    const auto wanted = std::min(chunk.size(), static_cast<std::size_t>(count));
    STASIS_ASSIGN(const std::size_t got,
                  read_some(fd, std::as_writable_bytes(std::span(chunk).first(wanted))));
    into.insert(into.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(got));
    count -= static_cast<int>(got);
    if (got == 0) break;
  }
  return {};
}

Result<void> take_lines(int fd, TtyInput& into) {
  while (true) {
    STASIS_ASSIGN(const short events, poll_now(fd, POLLIN));
    if ((events & POLLIN) == 0 || (events & POLLHUP) != 0) return {};
    std::array<std::uint8_t, 4096> line;
    STASIS_ASSIGN(const std::size_t got, read_some(fd, std::as_writable_bytes(std::span(line))));
    into.data.insert(into.data.end(), line.begin(),
                     line.begin() + static_cast<std::ptrdiff_t>(got));
    into.lines.push_back(static_cast<std::uint32_t>(got));
  }
}

// Without canonical mode a line that is not whole can be read, too.
Result<void> take_rest(int fd, const TerminalSettings& settings, TtyInput& into) {
  TerminalSettings raw = settings;
  raw.lflag &= ~static_cast<std::uint32_t>(ICANON);
  raw.cc[VMIN] = 1;
  raw.cc[VTIME] = 0;
  STASIS_TRY(set_terminal_settings(fd, raw));
  const auto count = get_readable_bytes(fd);
  auto taken = count ? read_waiting(fd, *count, into.data) : Result<void>(count.error());
  STASIS_TRY(set_terminal_settings(fd, settings));
  return taken;
}

Result<void> take_input(int fd, const TerminalSettings& settings, TtyInput& into) {
  if (is_canonical(settings)) STASIS_TRY(take_lines(fd, into));
  return take_rest(fd, settings, into);
}

// Settings in which inserted bytes have no effect but to be queued: no echo, no signals, and no
// special characters but those with which lines are built.
struct InsertSettings {
  TerminalSettings settings;
  std::uint8_t literal = 0, end_of_file = 0;  // VLNEXT, VEOF
};

InsertSettings choose_insert_settings(const TerminalSettings& before) {
  InsertSettings chosen{.settings = before};
  TerminalSettings& settings = chosen.settings;
  // Clearing IXON would let a stopped output go on.
  settings.iflag &= IXON;
  settings.lflag &= ICANON | EXTPROC;
  if (!is_canonical(before)) {
    settings.cc[VSTART] = settings.cc[VSTOP] = 0;
    return chosen;
  }
  settings.lflag |= IEXTEN;
  settings.cc.fill(0);
  const auto ends = line_ends(before);
  settings.cc[VEOL] = ends[0];
  settings.cc[VEOL2] = ends[1];
  std::uint8_t next = 1;
  const auto take_free = [&] {
    while (next == ends[0] || next == ends[1] || next == '\n') ++next;
    return next++;
  };
  settings.cc[VLNEXT] = take_free();
  settings.cc[VEOF] = take_free();
  chosen.literal = settings.cc[VLNEXT];
  chosen.end_of_file = settings.cc[VEOF];
  return chosen;
}

Result<void> insert_literally(int fd, std::span<const std::uint8_t> bytes, std::uint8_t literal) {
  for (const std::uint8_t byte : bytes) {
    STASIS_TRY(insert_byte(fd, literal));
    STASIS_TRY(insert_byte(fd, byte));
  }
  return {};
}

Result<void> insert_line(int fd, std::span<const std::uint8_t> line, const InsertSettings& with) {
  const auto ends = line_ends(with.settings);
  const auto is_end = [&](std::uint8_t byte) {
    return byte == kNewline || (byte != 0 && (byte == ends[0] || byte == ends[1]));
  };
  const bool ended = !line.empty() && is_end(line.back());
  STASIS_TRY(insert_literally(fd, ended ? line.first(line.size() - 1) : line, with.literal));
  return insert_byte(fd, ended ? line.back() : with.end_of_file);
}

Result<void> insert_all(int fd, const TtyInput& input, const InsertSettings& with) {
  std::span<const std::uint8_t> rest(input.data);
  if (!is_canonical(with.settings)) {
    for (const std::uint8_t byte : rest) STASIS_TRY(insert_byte(fd, byte));
    return {};
  }
  for (const std::uint32_t length : input.lines) {
    STASIS_TRY(insert_line(fd, rest.first(length), with));
    rest = rest.subspan(length);
  }
  return insert_literally(fd, rest, with.literal);
}

Error too_much() {
  return fail(ErrorKind::kUnsupported, "more than {} bytes that were not read yet",
              kMostQueuedBytes);
}

}  // namespace

Result<bool> may_insert_input(int fd) {
  // The permission is looked at first, the address afterwards.
  if (::ioctl(fd, TIOCSTI, nullptr) == 0 || errno == EFAULT) return true;
  if (errno == EPERM || errno == EIO) return false;
  return last_error("ioctl TIOCSTI fd {}", fd);
}

Result<TtyInput> copy_tty_input(int fd) {
  STASIS_ASSIGN(const TerminalSettings settings, get_terminal_settings(fd));
  STASIS_TRY(poll_now(fd, POLLIN));  // moves what has been written into the queue
  STASIS_ASSIGN(const int waiting, get_readable_bytes(fd));
  const int most = is_canonical(settings) ? kMostLineBytes : static_cast<int>(kMostQueuedBytes);
  if (waiting > most) return too_much();
  TtyInput input;
  const auto taken = take_input(fd, settings, input);
  if (!input.empty()) {
    STASIS_TRY(insert_tty_input(fd, input).context(
        fmt::format("{} bytes of input were lost", input.data.size())));
  }
  STASIS_TRY(taken);
  return input;
}

Result<void> insert_tty_input(int fd, const TtyInput& input) {
  if (input.empty()) return {};
  STASIS_ASSIGN(const TerminalSettings before, get_terminal_settings(fd));
  const InsertSettings with = choose_insert_settings(before);
  STASIS_TRY(set_terminal_settings(fd, with.settings));
  const auto inserted = insert_all(fd, input, with);
  STASIS_TRY(set_terminal_settings(fd, before));
  return inserted;
}

Result<std::vector<std::uint8_t>> copy_tty_output(int master) {
  STASIS_TRY(poll_now(master, POLLIN));
  STASIS_ASSIGN(const int waiting, get_readable_bytes(master));
  if (waiting > static_cast<int>(kMostQueuedBytes)) return too_much();
  std::vector<std::uint8_t> output;
  const auto taken = read_waiting(master, waiting, output);
  STASIS_TRY(insert_tty_output(master, output)
                 .context(fmt::format("{} bytes of output were lost", output.size())));
  STASIS_TRY(taken);
  return output;
}

Result<void> insert_tty_output(int master, std::span<const std::uint8_t> output) {
  for (const std::uint8_t byte : output) STASIS_TRY(insert_byte(master, byte));
  return {};
}

}  // namespace stasis::sys
