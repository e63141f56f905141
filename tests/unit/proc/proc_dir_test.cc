#include "proc/proc_dir.h"

#include <fcntl.h>
#include <unistd.h>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proc/arguments.h"
#include "proc/maps.h"
#include "proc/smaps.h"
#include "proc/stat.h"
#include "proc/status.h"
#include "sys/file.h"
#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

class FakeProc : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "stasis-proc-XXXXXX";
    ASSERT_NE(::mkdtemp(path_.data()), nullptr);
    fd_ = sys::open(path_, O_RDONLY | O_DIRECTORY).value();
  }
  void TearDown() override {
    const auto names = sys::list_dir(fd_.get()).value();
    for (const auto& name : names) {
      ASSERT_TRUE(sys::unlink_at(fd_.get(), name));
    }
    ASSERT_EQ(::rmdir(path_.c_str()), 0);
  }
  void put(const std::string& name, std::string_view text) {
    const auto fd = sys::open_at(fd_.get(), name, O_WRONLY | O_CREAT, 0600).value();
    ASSERT_TRUE(sys::write_all(fd.get(), text));
  }
  ProcDir dir() { return ProcDir::from_fd(sys::dup_fd(fd_.get()).value(), "pid 12"); }

 private:
  std::string path_;
  UniqueFd fd_;
};

TEST_F(FakeProc, ReadersNameTheTask) {
  put("maps", "1000-2000 rw-p 0 00:00 x\n");
  EXPECT_EQ(message_of(read_maps(dir())),
            "pid 12: maps line 1: inode: expected a decimal number, found 'x'");
}

TEST_F(FakeProc, MissingFileOfALivingTaskIsNotFound) {
  put("stat", "");
  const auto maps = read_maps(dir());
  EXPECT_EQ(message_of(maps), "pid 12: open 'maps': ENOENT");
  EXPECT_EQ(maps.error().kind(), ErrorKind::kNotFound);
}

TEST_F(FakeProc, EverythingMissingMeansTheTaskDied) {
  const auto maps = read_maps(dir());
  EXPECT_EQ(message_of(maps), "pid 12: open 'maps': ENOENT");
  EXPECT_EQ(maps.error().kind(), ErrorKind::kTaskDied);
  EXPECT_EQ(dir().read_link("exe").error().kind(), ErrorKind::kTaskDied);
  EXPECT_EQ(dir().list("fd").error().kind(), ErrorKind::kTaskDied);
  EXPECT_EQ(dir().open_file("ns/pid", O_RDONLY).error().kind(), ErrorKind::kTaskDied);
}

TEST(ProcDir, NoSuchProcessIsTaskDied) {
  const auto dir = ProcDir::open(HostPid{0});
  EXPECT_EQ(message_of(dir), "pid 0: open '/proc/0': ENOENT");
  EXPECT_EQ(dir.error().kind(), ErrorKind::kTaskDied);
  const auto task = ProcDir::open_task(HostPid{::getpid()}, HostPid{1 << 30});
  EXPECT_EQ(task.error().kind(), ErrorKind::kTaskDied);
}

TEST(ProcDir, ReadsTheTestItself) {
  const auto dir = ProcDir::open_task(HostPid{::getpid()}, HostPid{::gettid()}).value();
  const auto status = read_status(dir);
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(status->pid, HostPid{::gettid()});
  EXPECT_EQ(status->uid.real, ::getuid());
  const auto stat = read_stat(dir);
  ASSERT_TRUE(stat) << stat.error().message();
  EXPECT_EQ(stat->session, HostPid{::getsid(0)});
  EXPECT_EQ(stat->comm, status->name);
  EXPECT_THAT(read_cmdline(dir).value(), Not(IsEmpty()));
  EXPECT_THAT(read_auxv(dir).value(), Contains(AuxvEntry{6, 4096}));
  const auto maps = read_maps(dir);
  ASSERT_TRUE(maps) << maps.error().message();
  const auto smaps = read_smaps(dir);
  ASSERT_TRUE(smaps) << smaps.error().message();
  const auto here = reinterpret_cast<std::uint64_t>(&status);
  const auto holds = [&](const Mapping& m) { return m.start <= here && here < m.end; };
  const auto stack = std::find_if(maps->begin(), maps->end(), holds);
  ASSERT_NE(stack, maps->end());
  EXPECT_EQ(stack->path, "[stack]");
  const auto detail = std::find_if(smaps->begin(), smaps->end(),
                                   [&](const MappingDetail& d) { return holds(d.mapping); });
  ASSERT_NE(detail, smaps->end());
  EXPECT_TRUE(detail->flags.has("gd"));
  EXPECT_GT(detail->rss_bytes, 0u);
}

}  // namespace
}  // namespace stasis::proc
