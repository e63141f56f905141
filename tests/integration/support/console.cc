#include "integration/support/console.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>

#include "integration/support/give_up.h"
#include "integration/support/program.h"

namespace stasis::test {

Console::Console() : master_(must(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt")) {
  must(grantpt(master_.get()), "grantpt");
  must(unlockpt(master_.get()), "unlockpt");
  const UniqueFd slave = open_slave();
  termios settings{};
  must(tcgetattr(slave.get(), &settings), "tcgetattr");
  settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  must(tcsetattr(slave.get(), TCSANOW, &settings), "tcsetattr");
}

UniqueFd Console::open_slave() const {
  return UniqueFd(must(open(ptsname(master_.get()), O_RDWR | O_NOCTTY | O_CLOEXEC), "open slave"));
}

void Console::resize(unsigned short rows, unsigned short columns) {
  const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  must(ioctl(master_.get(), TIOCSWINSZ, &size), "TIOCSWINSZ");
}

Console::Console(const std::string& path)
    : listener_(must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  unlink(path.c_str());
  must(bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  must(listen(listener_.get(), 4), "listen");
}

void Console::accept() {
  pollfd wait{listener_.get(), POLLIN, 0};
  if (poll(&wait, 1, static_cast<int>(std::chrono::milliseconds(kLimit).count())) != 1)
    give_up("no terminal came");
  const UniqueFd connection(
      must(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
  std::array<char, 4096> text{};
  std::array<char, CMSG_SPACE(sizeof(int))> control{};
  iovec part{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  must(recvmsg(connection.get(), &message, MSG_CMSG_CLOEXEC), "recvmsg");
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) give_up("no terminal came");
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  master_.reset(fd);
}

void Console::type(std::string_view text) {
  must(write(master_.get(), text.data(), text.size()), "type");
}

void Console::expect(std::string_view text) {
  while (true) {
    if (const auto at = printed_.find(text, searched_); at != std::string::npos) {
      searched_ = at + text.size();
      return;
    }
    pollfd wait{master_.get(), POLLIN, 0};
    std::array<char, 4096> chunk{};
    const int ready = poll(&wait, 1, static_cast<int>(std::chrono::milliseconds(kLimit).count()));
    const ssize_t count = ready == 1 ? read(master_.get(), chunk.data(), chunk.size()) : -1;
    if (count <= 0)
      give_up(fmt::format("'{}' was not printed on the terminal; so far:\n{}", text, printed_));
    printed_.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace stasis::test
