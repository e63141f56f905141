// Pipes and fifos with their contents, and pipes from outside.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "integration/kernel/round_trip.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using Pipes = FileRoundTrip;

void make_pipe_at(int reader, int writer, int flags = 0) {
  std::array<int, 2> ends{};
  must(pipe2(ends.data(), flags), "pipe2");
  must(dup2(ends[0], reader), "dup2");
  must(dup2(ends[1], writer), "dup2");
  close(ends[0]);
  close(ends[1]);
}

int readable_bytes(int fd) {
  int bytes = -1;
  must(ioctl(fd, FIONREAD, &bytes), "FIONREAD");
  return bytes;
}

TEST_F(Pipes, KeepContentsAndCapacity) {
  in_process([] {
    make_pipe_at(10, 11);
    fcntl(10, F_SETPIPE_SZ, 262144);
    write_text(11, "hello ");
    write_text(11, "world");
    write_text(11, std::string(100000, 'x'));
  });
  round_trip();
  EXPECT_EQ(fcntl(fd(10), F_GETPIPE_SZ), 262144);
  EXPECT_EQ(read_now(fd(10)), "hello world" + std::string(100000, 'x'));
  write_text(fd(11), "more");
  EXPECT_EQ(read_now(fd(10)), "more");
}

TEST_F(Pipes, CollectingTakesNothingOut) {
  in_process([] {
    make_pipe_at(10, 11);
    write_text(11, "stay");
  });
  collect();
  container_ = {};
  collect();
  EXPECT_EQ(container_.pipes.back().data, (model::Bytes{'s', 't', 'a', 'y'}));
}

TEST_F(Pipes, KeepPackets) {
  in_process([] {
    make_pipe_at(10, 11, O_DIRECT);
    write_text(11, "one");
    write_text(11, "three");
  });
  round_trip();
  EXPECT_EQ(fcntl(fd(11), F_GETFL) & O_DIRECT, O_DIRECT);
  std::array<char, 100> buffer{};
  EXPECT_EQ(read(fd(10), buffer.data(), buffer.size()), 3);
  EXPECT_EQ(read(fd(10), buffer.data(), buffer.size()), 5);
}

TEST_F(Pipes, EndOfFileAfterTheLastWriter) {
  in_process([] {
    make_pipe_at(10, 11);
    write_text(11, "last words");
    close(11);
  });
  round_trip();
  EXPECT_EQ(read_now(fd(10)), "last words");
  char byte = 0;
  EXPECT_EQ(read(fd(10), &byte, 1), 0);
}

TEST_F(Pipes, BothDirectionsBetweenProcesses) {
  in_process([] {
    make_pipe_at(10, 11);
    fork_process([] {
      close(10);
      write_text(11, "from the other");
    });
    close(11);
  });
  round_trip();
  EXPECT_EQ(read_now(fd(10)), "from the other");
  EXPECT_EQ(readable_bytes(fd(11, 1)), 0);
}

TEST_F(Pipes, FifosAreOpenedByName) {
  must(mkfifo("/run/fifo", 0600), "mkfifo");
  in_process([] {
    place(open("/run/fifo", O_RDWR), 9);
    place(open("/run/fifo", O_RDONLY), 10);
    place(open("/run/fifo", O_WRONLY), 11);
    close(9);
    write_text(11, "in the fifo");
  });
  round_trip();
  EXPECT_EQ(read_now(fd(10)), "in the fifo");
  const int writer = must(open("/run/fifo", O_WRONLY | O_NONBLOCK), "open");
  write_text(writer, "by name");
  EXPECT_EQ(read_now(fd(10)), "by name");
}

TEST_F(Pipes, StandardOutputFromOutsideIsReconnected) {
  std::array<int, 2> before{};
  must(pipe2(before.data(), O_CLOEXEC), "pipe2");
  give_stdio(1, before[1]);
  in_process([] { must(dup2(1, 7), "dup2"); });
  std::array<int, 2> after{};
  must(pipe2(after.data(), O_CLOEXEC), "pipe2");
  environment_.stdio[1] = after[1];
  round_trip();
  EXPECT_EQ(fd(1), fd(7));
  write_text(fd(7), "again");
  EXPECT_EQ(read_now(after[0]), "again");
}

TEST_F(Pipes, OthersFromOutsideAreNamed) {
  std::array<int, 2> outside{};
  must(pipe2(outside.data(), O_CLOEXEC), "pipe2");
  give_stdio(1, outside[1]);
  in_process([] {
    must(dup2(1, 7), "dup2");
    must(dup2(0, 1), "dup2");
  });
  struct stat status {};
  must(fstat(outside[1], &status), "fstat");
  EXPECT_THAT(collect(),
              ElementsAre(fmt::format("pid 1 (maker): fd 7: 'pipe:[{}]', from outside of the "
                                      "container; start the container without handing it this "
                                      "descriptor, or have the program close it",
                                      status.st_ino)));
}

}  // namespace
}  // namespace stasis::test
