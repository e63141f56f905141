// Terminals: pairs inside, the console, controlling terminals.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>

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

void change_settings(int fd, const std::function<void(termios&)>& change) {
  termios settings{};
  must(tcgetattr(fd, &settings), "tcgetattr");
  change(settings);
  must(tcsetattr(fd, TCSANOW, &settings), "tcsetattr");
}

// One read(2), which gives a line at most; "nothing" when it would wait.
std::string read_line(int fd) {
  pollfd wait{fd, POLLIN, 0};
  if (poll(&wait, 1, 0) != 1) return "nothing";
  std::array<char, 4096> line{};
  const ssize_t got = read(fd, line.data(), line.size());
  return got < 0 ? "error" : std::string(line.data(), static_cast<std::size_t>(got));
}

// What is written to a master gets through in a moment.
void type(int master, int slave, std::string_view text, int readable) {
  write_text(master, text);
  int bytes = -1;
  while (bytes < readable) must(ioctl(slave, FIONREAD, &bytes), "FIONREAD");
}

TEST_F(Ttys, UnreadBytesOfARawPairComeBack) {
  in_process([] {
    place(open_master(), 10);
    place(open_slave(0), 11);
    change_settings(11, [](termios& settings) {
      cfmakeraw(&settings);
      settings.c_cc[VMIN] = 9;
    });
    type(10, 11, std::string_view("a\0\3\xff\r\n", 6), 6);
    write_text(11, "shown\n");
  });
  ASSERT_THAT(collect(), testing::IsEmpty());
  // The same pair, and a second time: the first look has changed nothing.
  for (int look = 0; look < 2; ++look) {
    container_ = {};
    ASSERT_THAT(collect(), testing::IsEmpty());
    ASSERT_EQ(container_.ttys.size(), 1U);
    EXPECT_THAT(container_.ttys[0].input, ElementsAre('a', 0, 3, 0xff, '\r', '\n'));
    EXPECT_EQ(container_.ttys[0].output.size(), 6U);
  }
  kill_processes();
  ASSERT_EQ(restore(), "");
  EXPECT_EQ(read_now(fd(10)), "shown\n");
  change_settings(fd(11), [](termios& settings) {
    EXPECT_EQ(settings.c_cc[VMIN], 9);
    settings.c_cc[VMIN] = 1;
  });
  EXPECT_EQ(read_now(fd(11)), std::string("a\0\3\xff\r\n", 6));
}

TEST_F(Ttys, LinesEndsOfFileAndWhatIsBeingTypedComeBack) {
  in_process([] {
    place(open_master(), 10);
    place(open_slave(0), 11);
    // A line; one ended by ^D; a lone ^D; one with a literal ^C and ^D; one that is still typed.
    type(10, 11, "one\ntwo\004\004\026\003\026\004x\nthr", 11);
  });
  const auto expect_input = [](int slave) {
    EXPECT_EQ(read_line(slave), "one\n");
    EXPECT_EQ(read_line(slave), "two");
    EXPECT_EQ(read_line(slave), "");
    EXPECT_EQ(read_line(slave), "\003\004x\n");
    EXPECT_EQ(read_line(slave), "nothing");
  };
  ASSERT_THAT(collect(), testing::IsEmpty());
  const model::Tty first = container_.ttys.at(0);
  EXPECT_THAT(first.input_lines, ElementsAre(4U, 3U, 0U, 4U));
  container_ = {};
  ASSERT_THAT(collect(), testing::IsEmpty());
  EXPECT_EQ(container_.ttys.at(0), first);
  kill_processes();
  ASSERT_EQ(restore(), "");
  EXPECT_THAT(read_now(fd(10)), testing::StartsWith("one\r\ntwo"));  // the echo, once
  expect_input(fd(11));
  // What was being typed can be erased and ended as ever.
  write_text(fd(10), "\177ee\n");
  EXPECT_EQ(read_now(fd(11)), "thee\n");
}

TEST_F(Ttys, MoreThanTheQueueHoldsIsNamed) {
  in_process([] {
    place(open_master(), 10);
    place(open_slave(0), 11);
    change_settings(11, [](termios& settings) { cfmakeraw(&settings); });
    type(10, 11, std::string(5000, 'x'), 4095);
  });
  EXPECT_THAT(collect(),
              ElementsAre("pid 1 (maker): fd 10: terminal /dev/pts/0 with more than 4094 bytes "
                          "that were not read yet; try again in a moment"));
}

TEST_F(Ttys, TheMasterReadsTheEndWhenTheSlavesAreClosed) {
  in_process([] {
    place(open_master(), 10);
    const int slave = open_slave(0);
    write_text(slave, "last words");
    close(slave);
    place(open_master(), 12);
  });
  round_trip();
  EXPECT_EQ(read_line(fd(10)), "last words");
  EXPECT_EQ(read_line(fd(10)), "error");
  // One whose slave has never been open waits.
  EXPECT_EQ(read_line(fd(12)), "nothing");
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
