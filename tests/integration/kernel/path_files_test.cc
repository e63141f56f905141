// Regular files, directories and devices.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integration/kernel/round_trip.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using PathFiles = FileRoundTrip;

TEST_F(PathFiles, KeepPositionAndFlags) {
  write_file("/run/data", "0123456789");
  in_process([] {
    place(open("/run/data", O_RDWR | O_APPEND), 5);
    lseek(5, 4, SEEK_SET);
  });
  round_trip();
  EXPECT_EQ(lseek(fd(5), 0, SEEK_CUR), 4);
  EXPECT_EQ(fcntl(fd(5), F_GETFL) & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
  EXPECT_EQ(read_now(fd(5)), "456789");
}

TEST_F(PathFiles, DuplicatesStayOneDescription) {
  write_file("/run/data", "0123456789");
  in_process([] {
    place(open("/run/data", O_RDONLY), 5);
    dup2(5, 6);
    place(open("/run/data", O_RDONLY), 7);
    fork_process([] {});
  });
  round_trip();
  EXPECT_EQ(fd(5), fd(6));
  EXPECT_EQ(fd(5), fd(6, 1));
  EXPECT_NE(fd(5), fd(7));
}

TEST_F(PathFiles, CloseOnExecBelongsToTheDescriptor) {
  in_process([] {
    place(open("/", O_RDONLY | O_DIRECTORY), 5);
    fcntl(5, F_DUPFD_CLOEXEC, 6);
  });
  round_trip();
  const auto& fds = container_.processes[0].fds;
  ASSERT_EQ(fds.size(), 5U);
  EXPECT_FALSE(fds[3].close_on_exec);
  EXPECT_TRUE(fds[4].close_on_exec);
  EXPECT_EQ(fds[3].open_file, fds[4].open_file);
}

TEST_F(PathFiles, DevicesAndPathHandles) {
  in_process([] {
    place(open("/dev/zero", O_RDONLY), 5);
    place(open("/run", O_PATH), 6);
  });
  round_trip();
  struct stat status {};
  ASSERT_EQ(fstat(fd(5), &status), 0);
  EXPECT_EQ(status.st_rdev, 0x105U);
  EXPECT_EQ(fcntl(fd(6), F_GETFL) & O_PATH, O_PATH);
}

TEST_F(PathFiles, RefusesAFileThatBecameTooShort) {
  write_file("/run/data", "0123456789");
  in_process([] {
    place(open("/run/data", O_RDONLY), 5);
    lseek(5, 8, SEEK_SET);
  });
  ASSERT_THAT(collect(), testing::IsEmpty());
  const int pid = container_.processes[0].pid.value;
  kill_processes();
  write_file("/run/data", "0123");
  EXPECT_EQ(restore(),
            fmt::format("restoring fd 5 of pid {}: '/run/data' had 10 bytes at the "
                        "checkpoint and has 4 now, less than the position 8 at "
                        "which it was open; restore with the root filesystem of the checkpoint",
                        pid));
}

TEST_F(PathFiles, RefusesAFileThatIsGone) {
  write_file("/run/data", "x");
  in_process([] { place(open("/run/data", O_RDONLY), 5); });
  ASSERT_THAT(collect(), testing::IsEmpty());
  const int pid = container_.processes[0].pid.value;
  kill_processes();
  unlink("/run/data");
  EXPECT_EQ(restore(),
            fmt::format("restoring fd 5 of pid {}: open '/run/data' in the root: ENOENT", pid));
}

TEST_F(PathFiles, NameACoveredFile) {
  must(mkdir("/run/below", 0755), "mkdir");
  write_file("/run/below/data", "x");
  in_process([] { place(open("/run/below/data", O_RDONLY), 5); });
  must(mount("tmpfs", "/run/below", "tmpfs", 0, nullptr), "mount");
  EXPECT_THAT(collect(), ElementsAre("pid 1 (maker): fd 5: '/run/below/data', a name that leads to "
                                     "another file by now; unmount what covers it, or close it "
                                     "before the checkpoint"));
}

}  // namespace
}  // namespace stasis::test
