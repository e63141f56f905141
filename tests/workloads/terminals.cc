// Pseudo-terminals made inside the container: settings, window size, what is on its way in both
// directions, and a session with its controlling terminal.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

std::string take(int fd) {
  pollfd wait{fd, POLLIN, 0};
  if (poll(&wait, 1, 2000) != 1) return "nothing";
  std::string text(256, '\0');
  const ssize_t count = read(fd, text.data(), text.size());
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

class Terminals : public Workload {
 public:
  void set_up() override {
    master_ = must_fd(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt");
    must(grantpt(master_), "grantpt");
    must(unlockpt(master_), "unlockpt");
    name_ = ptsname(master_);
    slave_ = must_fd(open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC), "open the slave");
    termios settings{};
    must(tcgetattr(slave_, &settings), "tcgetattr");
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
    settings.c_oflag &= ~static_cast<tcflag_t>(OPOST);
    settings.c_cc[VINTR] = 7;
    settings.c_cc[VMIN] = 1;
    must(tcsetattr(slave_, TCSANOW, &settings), "tcsetattr");
    const winsize size{.ws_row = 31, .ws_col = 117, .ws_xpixel = 5, .ws_ypixel = 6};
    must(ioctl(master_, TIOCSWINSZ, &size), "TIOCSWINSZ");
    helper_ =
        std::make_unique<Helper>([this, ready = false](char question) mutable -> std::int64_t {
          if (!ready) {
            setsid();
            must(ioctl(slave_, TIOCSCTTY, 0), "TIOCSCTTY");
            ready = true;
          }
          const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
          if (question == 't') return terminal < 0 ? -errno : close(terminal);
          const std::int64_t group = tcgetpgrp(terminal);
          close(terminal);
          return group;
        });
    helper_->ask('t');
    queue();
  }

  void verify() override {
    termios settings{};
    must(tcgetattr(slave_, &settings), "tcgetattr");
    expect_equal("echo and canonical mode", 0,
                 settings.c_lflag & static_cast<tcflag_t>(ECHO | ICANON));
    expect_equal("interrupt character", 7, settings.c_cc[VINTR]);
    winsize size{};
    must(ioctl(slave_, TIOCGWINSZ, &size), "TIOCGWINSZ");
    expect_equal("rows", 31, size.ws_row);
    expect_equal("columns", 117, size.ws_col);
    expect_equal("name of the slave", name_, ptsname(master_));
    expect_equal("controlling terminal of the session", 0, helper_->ask('t'));
    expect_equal("foreground group", helper_->pid(), helper_->ask('g'));
    expect_equal("typed before", "typed", take(slave_));
    expect_equal("printed before", "printed", take(master_));
    queue();
  }

 private:
  void queue() const {
    must(write(master_, "typed", 5), "write");
    must(write(slave_, "printed", 7), "write");
  }
  int master_ = -1, slave_ = -1;
  std::string name_;
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(Terminals, "terminals");

}  // namespace
}  // namespace stasis::workload
