// Terminals: pairs inside, the console, controlling terminals.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "integration/kernel/round_trip.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;

class Ttys : public FileRoundTrip {
 protected:
  // A devpts of the sandbox's own, as a container has one.
  Ttys() {
    must(mount("devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=0620"),
         "mount devpts");
  }
};

int open_master() {
  const int master = must(open("/dev/pts/ptmx", O_RDWR | O_NOCTTY), "open ptmx");
  const int unlocked = 0;
  must(ioctl(master, TIOCSPTLCK, &unlocked), "TIOCSPTLCK");
  return master;
}

int open_slave(int index) {
  return must(open(fmt::format("/dev/pts/{}", index).c_str(), O_RDWR | O_NOCTTY), "open slave");
}

int index_of(int master) {
  int index = -1;
  must(ioctl(master, TIOCGPTN, &index), "TIOCGPTN");
  return index;
}

TEST_F(Ttys, PairsKeepNumberSettingsAndSize) {
  in_process([] {
    const int spare = open_master();
    place(open_master(), 10);
    place(open_slave(1), 11);
    place(open_slave(1), 12);
    close(spare);
    termios settings{};
    must(tcgetattr(11, &settings), "tcgetattr");
    cfmakeraw(&settings);
    settings.c_cc[VINTR] = 7;
    must(tcsetattr(11, TCSANOW, &settings), "tcsetattr");
    const winsize size{43, 132, 0, 0};
    must(ioctl(11, TIOCSWINSZ, &size), "TIOCSWINSZ");
    must(chmod("/dev/pts/1", 0600), "chmod");
    must(chown("/dev/pts/1", 5, 6), "chown");
  });
  round_trip();
  EXPECT_EQ(index_of(fd(10)), 1);
  EXPECT_NE(fd(11), fd(12));
  termios settings{};
  must(tcgetattr(fd(11), &settings), "tcgetattr");
  EXPECT_EQ(settings.c_cc[VINTR], 7);
  EXPECT_EQ(settings.c_lflag & ICANON, 0U);
  winsize size{};
  must(ioctl(fd(12), TIOCGWINSZ, &size), "TIOCGWINSZ");
  EXPECT_EQ(size.ws_row, 43);
  EXPECT_EQ(size.ws_col, 132);
  struct stat status {};
  must(fstat(fd(11), &status), "fstat");
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(status.st_uid, 5U);
  write_text(fd(10), "typed");
  EXPECT_EQ(read_now(fd(11)), "typed");
  write_text(fd(12), "shown");
  EXPECT_EQ(read_now(fd(10)), "shown");
  // The spare pair was given back.
  EXPECT_EQ(index_of(open_master()), 0);
}

TEST_F(Ttys, UnreadBytesOfAPairAreNamed) {
  in_process([] {
    place(open_master(), 10);
    place(open_slave(0), 11);
    termios settings{};
    must(tcgetattr(11, &settings), "tcgetattr");
    cfmakeraw(&settings);
    must(tcsetattr(11, TCSANOW, &settings), "tcsetattr");
    write_text(10, "abc");
    int bytes = 0;
    while (bytes < 3) must(ioctl(11, FIONREAD, &bytes), "FIONREAD");
  });
  EXPECT_THAT(collect(),
              ElementsAre("pid 1 (maker): fd 10: terminal /dev/pts/0 with 3 bytes that were not "
                          "read yet; try again in a moment"));
}

TEST_F(Ttys, SlavesOfAMasterThatClosedHaveHungUp) {
  in_process([] {
    const int master = open_master();
    place(open_slave(0), 11);
    close(master);
  });
  round_trip();
  char byte = 0;
  EXPECT_LE(read(fd(11), &byte, 1), 0);
  termios settings{};
  EXPECT_EQ(tcgetattr(fd(11), &settings), -1);
}

TEST_F(Ttys, TheConsoleIsTheCallersNewOne) {
  const int master = open_master();
  fcntl(master, F_SETFD, FD_CLOEXEC);
  const int slave = open_slave(0);
  give_stdio(0, slave);
  give_stdio(1, slave);
  in_process([] {
    setsid();
    must(ioctl(0, TIOCSCTTY, 0), "TIOCSCTTY");
    place(open("/dev/tty", O_RDWR), 10);
    termios settings{};
    must(tcgetattr(0, &settings), "tcgetattr");
    settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    must(tcsetattr(0, TCSANOW, &settings), "tcsetattr");
  });
  close(slave);
  ASSERT_THAT(collect(), testing::IsEmpty());
  kill_processes();
  const int console_master = open_master();
  environment_.console = open_slave(1);
  ASSERT_EQ(restore(), "");
  EXPECT_EQ(fd(0), fd(1));
  write_text(fd(10), "prompt");
  EXPECT_EQ(read_now(console_master), "prompt");
  termios settings{};
  must(tcgetattr(fd(0), &settings), "tcgetattr");
  EXPECT_EQ(settings.c_lflag & ECHO, 0U);
}

TEST_F(Ttys, SessionLeadersKeepTheirTerminal) {
  in_process([] {
    place(open_master(), 10);
    place(open_slave(0), 11);
    setsid();
    must(ioctl(11, TIOCSCTTY, 0), "TIOCSCTTY");
  });
  leaders_ = true;
  ASSERT_THAT(collect(), testing::IsEmpty());
  const auto& process = container_.processes[0];
  ASSERT_TRUE(process.terminal.has_value());
  EXPECT_EQ(process.terminal->tty, 0U);
  EXPECT_EQ(process.terminal->foreground_group, process.pid);
}

TEST_F(Ttys, ConsolesNeedOne) {
  const int master = open_master();
  fcntl(master, F_SETFD, FD_CLOEXEC);
  const int slave = open_slave(0);
  give_stdio(0, slave);
  in_process([] {});
  ASSERT_THAT(collect(), testing::IsEmpty());
  kill_processes();
  EXPECT_EQ(restore(),
            "restoring terminal /dev/pts/0: the container had a terminal: restore it with "
            "--console-socket, or from a terminal");
}

}  // namespace
}  // namespace stasis::test
