// inotify, file locks, pidfds, handles of namespaces, owners of files.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "integration/kernel/round_trip.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using Inotifies = FileRoundTrip;
using Locks = FileRoundTrip;
using Handles = FileRoundTrip;

TEST_F(Inotifies, KeepWatchesUnderTheirNumbers) {
  must(mkdir("/run/watched", 0755), "mkdir");
  write_file("/run/file", "x");
  in_process([] {
    place(inotify_init1(IN_NONBLOCK), 10);
    inotify_rm_watch(10, inotify_add_watch(10, "/run", IN_CREATE));
    char record[64];
    must(static_cast<int>(read(10, record, sizeof(record))), "read");
    must(inotify_add_watch(10, "/run/watched", IN_CREATE | IN_DELETE), "inotify_add_watch");
    must(inotify_add_watch(10, "/run/file", IN_MODIFY), "inotify_add_watch");
  });
  round_trip();
  const auto& watches = std::get<model::Inotify>(described(10).detail).watches;
  ASSERT_EQ(watches.size(), 2U);
  EXPECT_EQ(read_now(fd(10)), "");
  write_file("/run/watched/new", "");
  inotify_event event{};
  std::array<char, 4096> buffer{};
  ASSERT_GT(read(fd(10), buffer.data(), buffer.size()), 0);
  memcpy(&event, buffer.data(), sizeof(event));
  EXPECT_EQ(event.wd, 2);
  EXPECT_EQ(event.mask, static_cast<unsigned>(IN_CREATE));
  write_file("/run/file", "more");
  ASSERT_GT(read(fd(10), buffer.data(), buffer.size()), 0);
  memcpy(&event, buffer.data(), sizeof(event));
  EXPECT_EQ(event.wd, 3);
}

TEST_F(Inotifies, UnreadEventsAreNamed) {
  in_process([] {
    place(inotify_init1(IN_NONBLOCK), 10);
    must(inotify_add_watch(10, "/run", IN_CREATE), "inotify_add_watch");
    mkdir("/run/event", 0755);
  });
  EXPECT_THAT(collect(), ElementsAre("pid 1 (maker): fd 10: an inotify with events that were not "
                                     "read yet; try again in a moment"));
}

TEST_F(Locks, NeedTheFlag) {
  write_file("/run/data", "x");
  in_process([] {
    place(open("/run/data", O_RDWR), 10);
    must(flock(10, LOCK_EX), "flock");
  });
  EXPECT_THAT(collect(), ElementsAre("pid 1 (maker): fd 10: a file with a lock; use --file-locks"));
}

TEST_F(Locks, OfDescriptionsAreTakenAgain) {
  write_file("/run/data", "x");
  write_file("/run/ranges", "x");
  in_process([] {
    place(open("/run/data", O_RDWR), 10);
    must(flock(10, LOCK_EX), "flock");
    place(open("/run/ranges", O_RDWR), 11);
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_start = 10;
    range.l_len = 5;
    must(fcntl(11, F_OFD_SETLK, &range), "F_OFD_SETLK");
    range.l_start = 100;
    range.l_len = 0;
    must(fcntl(11, F_OFD_SETLK, &range), "F_OFD_SETLK");
  });
  round_trip({.file_locks = true});
  const int other = must(open("/run/data", O_RDWR), "open");
  EXPECT_EQ(flock(other, LOCK_SH | LOCK_NB), -1);
  const int ranges = must(open("/run/ranges", O_RDWR), "open");
  struct flock probe {};
  probe.l_type = F_RDLCK;
  probe.l_start = 14;
  probe.l_len = 1;
  must(fcntl(ranges, F_OFD_GETLK, &probe), "F_OFD_GETLK");
  EXPECT_EQ(probe.l_type, F_WRLCK);
  EXPECT_EQ(probe.l_start, 10);
  EXPECT_EQ(probe.l_len, 5);
  probe = {};
  probe.l_type = F_RDLCK;
  probe.l_start = 15;
  probe.l_len = 1;
  must(fcntl(ranges, F_OFD_GETLK, &probe), "F_OFD_GETLK");
  EXPECT_EQ(probe.l_type, F_UNLCK);
  probe.l_type = F_RDLCK;
  probe.l_start = 1'000'000;
  must(fcntl(ranges, F_OFD_GETLK, &probe), "F_OFD_GETLK");
  EXPECT_EQ(probe.l_type, F_WRLCK);
}

TEST_F(Locks, OfProcessesBecomeTheirSteps) {
  write_file("/run/data", "x");
  in_process([] {
    place(open("/run/data", O_RDWR), 10);
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_len = 4;
    must(fcntl(10, F_SETLK, &range), "F_SETLK");
    fork_process([] {
      struct flock second {};
      second.l_type = F_RDLCK;
      second.l_start = 50;
      second.l_len = 1;
      must(fcntl(10, F_SETLK, &second), "F_SETLK");
    });
  });
  round_trip({.file_locks = true});
  const auto& locks = described(10).locks;
  ASSERT_EQ(locks.size(), 2U);
  EXPECT_EQ(locks[0].owner, container_.processes[0].pid);
  EXPECT_TRUE(locks[0].exclusive);
  EXPECT_EQ(locks[0].end, 3U);
  EXPECT_EQ(locks[1].owner, container_.processes[1].pid);
  EXPECT_FALSE(locks[1].exclusive);
  for (const auto& process : container_.processes) {
    courier::SyscallBatch batch;
    ASSERT_TRUE(restorer_->add_task_steps(process, batch).has_value());
    EXPECT_EQ(batch.size(), 1U);
  }
}

TEST_F(Handles, OfTheContainersNamespaces) {
  in_process([] { place(open("/proc/self/ns/uts", O_RDONLY), 10); });
  round_trip();
  struct stat restored {};
  struct stat own {};
  must(fstat(fd(10), &restored), "fstat");
  must(stat("/proc/self/ns/uts", &own), "stat");
  EXPECT_EQ(restored.st_ino, own.st_ino);
}

TEST_F(Handles, PidFdsKnowTheirProcess) {
  in_process([] {
    place(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)), 10);
    place(static_cast<int>(syscall(SYS_pidfd_open, getppid(), 0)), 11);
  });
  EXPECT_THAT(collect(), ElementsAre("pid 1 (maker): fd 11: a pidfd of a process outside of the "
                                     "container; close it before the checkpoint"));
  EXPECT_EQ(std::get<model::PidFdFile>(described(10).detail).pid, container_.processes[0].pid);
}

TEST_F(Handles, OwnersAndSignals) {
  in_process([] {
    std::array<int, 2> ends{};
    must(pipe(ends.data()), "pipe");
    place(ends[0], 10);
    place(ends[1], 11);
    must(fcntl(10, F_SETOWN, getpid()), "F_SETOWN");
    must(fcntl(10, F_SETSIG, SIGUSR2), "F_SETSIG");
    setpgid(0, 0);
    must(fcntl(11, F_SETOWN, -getpgrp()), "F_SETOWN");
  });
  ASSERT_THAT(collect(), testing::IsEmpty());
  ASSERT_TRUE(described(10).owner.has_value());
  EXPECT_EQ(described(10).owner->type, F_OWNER_PID);
  EXPECT_EQ(described(10).owner->id, container_.processes[0].pid);
  EXPECT_EQ(described(10).owner->signal, SIGUSR2);
  ASSERT_TRUE(described(11).owner.has_value());
  EXPECT_EQ(described(11).owner->type, F_OWNER_PGRP);
  EXPECT_EQ(described(11).owner->id, container_.processes[0].pid);
}

}  // namespace
}  // namespace stasis::test
