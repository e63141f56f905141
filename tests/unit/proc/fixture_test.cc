// Captured files of real kernels: tests/fixtures/proc/README.md says of which program.
#include <fcntl.h>
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proc/arguments.h"
#include "proc/cgroup_membership.h"
#include "proc/fd_info.h"
#include "proc/fd_link.h"
#include "proc/file_locks.h"
#include "proc/limits.h"
#include "proc/maps.h"
#include "proc/mountinfo.h"
#include "proc/namespace_maps.h"
#include "proc/net_inet.h"
#include "proc/net_unix.h"
#include "proc/settings.h"
#include "proc/smaps.h"
#include "proc/stat.h"
#include "proc/status.h"
#include "proc/syscall_state.h"
#include "proc/tasks.h"
#include "proc/timers.h"
#include "sys/file.h"

namespace stasis::proc {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

ProcDir fixture(const std::string& name) {
  auto fd = sys::open(std::string(STASIS_FIXTURES) + "/proc/" + name, O_RDONLY | O_DIRECTORY);
  return ProcDir::from_fd(std::move(fd).value(), name);
}

// The value, or a failed test that says why there is none.
template <class T>
T expect_value(Result<T> result) {
  EXPECT_TRUE(result) << result.error().message();
  return std::move(result).value();
}

TEST(FixtureKinds, Status) {
  const auto status = expect_value(read_status(fixture("linux-6.18/kinds")));
  EXPECT_EQ(status.name, "ki nds\\");
  EXPECT_EQ(status.uid, (IdSet{1000, 1001, 1002, 1001}));
  EXPECT_THAT(status.groups, ElementsAre(20, 44));
  EXPECT_THAT(status.ns_pid, ElementsAre(NsPid{22104}, NsPid{1}));
  EXPECT_EQ(status.umask, 027u);
  EXPECT_EQ(status.threads, 2u);
  EXPECT_TRUE(status.no_new_privs);
  EXPECT_EQ(status.cap_permitted, 0u);
  EXPECT_EQ(status.signals_ignored & 1u, 1u);                // SIGHUP
  EXPECT_EQ(status.signals_pending, std::uint64_t{1} << 9);  // SIGUSR1, raised to the thread
  EXPECT_EQ(status.signals_blocked, 0x1000000200u);          // SIGUSR1, SIGRTMIN+3
}

TEST(FixtureKinds, Threads) {
  const auto dir = fixture("linux-6.18/kinds");
  EXPECT_THAT(list_threads(dir).value(), ElementsAre(HostPid{22104}, HostPid{22122}));
  const auto thread = fixture("linux-6.18/kinds/task/22122");
  const auto stat = expect_value(read_stat(thread));
  EXPECT_EQ(stat.comm, "worker) R 1\n");
  EXPECT_EQ(stat.comm, expect_value(read_status(thread)).name);
  EXPECT_EQ(stat.state, TaskState::kSleeping);
  EXPECT_EQ(stat.nice, 5);
  EXPECT_EQ(stat.exit_signal, -1);
  EXPECT_THAT(read_children(fixture("linux-6.18/kinds/task/22104")).value(),
              ElementsAre(HostPid{22121}));
  EXPECT_EQ(read_syscall(thread)->number, 34);  // pause
}

TEST(FixtureKinds, Stat) {
  const auto stat = expect_value(read_stat(fixture("linux-6.18/kinds")));
  EXPECT_EQ(stat.comm, "ki nds\\");
  EXPECT_EQ(stat.exit_signal, 17);
  EXPECT_EQ(stat.tpgid, HostPid{-1});
  EXPECT_EQ(stat.start_code, 94677007056896u);
  EXPECT_EQ(stat.env_end, 140728582959081u);
}

TEST(FixtureKinds, MapsAndSmapsAgree) {
  const auto dir = fixture("linux-6.18/kinds");
  const auto maps = expect_value(read_maps(dir));
  const auto smaps = expect_value(read_smaps(dir));
  ASSERT_EQ(maps.size(), smaps.size());
  for (std::size_t i = 0; i < maps.size(); ++i) EXPECT_EQ(maps[i], smaps[i].mapping);
  const auto has = [&](const std::string& path, const char* flag) {
    return std::any_of(smaps.begin(), smaps.end(), [&](const MappingDetail& d) {
      return d.mapping.path == path && d.flags.has(flag);
    });
  };
  EXPECT_TRUE(has("[stack]", "gd"));
  EXPECT_TRUE(has("/memfd:cache one", "sh"));
  EXPECT_TRUE(has("/dev/zero", "dd"));
  EXPECT_TRUE(has("[vvar_vclock]", "pf"));
  for (const char* flag : {"dc", "hg", "wf", "lo", "lf", "nr"}) EXPECT_TRUE(has("", flag)) << flag;
  EXPECT_THAT(smaps, Contains(AllOf(Field(&MappingDetail::locked_bytes, 4096u),
                                    Field(&MappingDetail::rss_bytes, 4096u))));
  EXPECT_THAT(smaps, Contains(Field(&MappingDetail::anon_huge_bytes, 8u << 20)));
  EXPECT_THAT(maps, Contains(AllOf(Field(&Mapping::path, "/SYSV00001234"),
                                   Field(&Mapping::deleted, true), Field(&Mapping::shared, true))));
  // The name is "new\nline \\012": what the kernel prints cannot tell the two apart.
  EXPECT_THAT(maps, Contains(Field(&Mapping::path, "/tmp/new\nline \n")));
}

TEST(FixtureKinds, Links) {
  const auto dir = fixture("linux-6.18/kinds");
  const std::pair<int, FdLink> cases[] = {
      {0, PathLink{"/dev/null", false}},
      {3, PathLink{"/tmp/a b", false}},
      {4, PathLink{"/tmp/gone", true}},
      {6, PipeLink{96375}},
      {7, PipeLink{96375}},
      {8, AnonInodeLink{"eventfd"}},
      {9, AnonInodeLink{"eventpoll"}},
      {10, AnonInodeLink{"signalfd"}},
      {11, AnonInodeLink{"inotify"}},
      {12, AnonInodeLink{"timerfd"}},
      {13, AnonInodeLink{"pidfd"}},
      {14, MemfdLink{"cache one"}},
      {15, SocketLink{96376}},
      {21, PathLink{"/dev/pts/ptmx", false}},
      {23, NamespaceLink{"net", 4026532180}},
      {24, PathLink{"/tmp", false}},
  };
  for (const auto& [fd, link] : cases) EXPECT_EQ(read_fd_link(dir, fd).value(), link) << fd;
  EXPECT_EQ(read_namespace(dir, "net").value(), 4026532180u);
  EXPECT_EQ(dir.read_link("exe").value(), "/usr/bin/kinds");
}

TEST(FixtureKinds, FdInfo) {
  const auto dir = fixture("linux-6.18/kinds");
  const auto fds = list_fds(dir).value();
  EXPECT_THAT(fds, SizeIs(25));
  const auto info = [&](int fd) { return expect_value(read_fd_info(dir, fd)); };
  for (const int fd : fds) info(fd);
  EXPECT_EQ(info(3).pos, 11);
  EXPECT_EQ(info(3).flags, static_cast<std::uint32_t>(O_RDWR | O_APPEND | O_CLOEXEC) | 0100000u);
  EXPECT_EQ(info(3).locks.at(0).kind, LockClass::kFlock);
  EXPECT_EQ(info(4).locks.at(0).end, 19u);
  EXPECT_EQ(info(5).locks.at(0).pid, HostPid{-1});
  EXPECT_EQ(info(8).eventfd, (EventFdInfo{7, 1, true}));
  EXPECT_EQ(info(9).epoll_targets.at(1).data, 0xdeadbeef00000001u);
  EXPECT_EQ(info(9).epoll_targets.at(1).inode, 96375u);
  EXPECT_EQ(info(10).signal_mask, 0x1000000200u);
  EXPECT_EQ(info(11).inotify_watches.at(0).handle->bytes.size(), 12u);
  EXPECT_EQ(info(12).timerfd->interval_ns, 1'000'000'500u);
  EXPECT_THAT(info(13).pidfd->ns_pid, ElementsAre(NsPid{22104}, NsPid{1}));
  EXPECT_EQ(info(16).in_flight_fds, 1u);
  EXPECT_EQ(info(21).tty_index, 0);
}

TEST(FixtureKinds, TimersLimitsAndSettings) {
  const auto dir = fixture("linux-6.18/kinds");
  const auto timers = expect_value(read_timers(dir));
  const PosixTimerInfo thread_timer = {.id = 1,
                                       .signal = 10,
                                       .value = 0x7fff00000000,
                                       .notify = 4,
                                       .target = HostPid{22104},
                                       .clock = 1};
  EXPECT_THAT(timers, Contains(thread_timer));
  EXPECT_THAT(timers, SizeIs(3));
  EXPECT_EQ(expect_value(read_limits(dir))[7], (Limit{4096, 16384}));
  EXPECT_EQ(read_personality(dir).value(), 0u);
  EXPECT_EQ(read_oom_score_adj(dir).value(), 0);
  EXPECT_EQ(read_coredump_filter(dir).value(), 0x33u);
  EXPECT_THAT(read_cmdline(dir).value(), ElementsAre("/usr/bin/kinds"));
  EXPECT_THAT(expect_value(read_auxv(dir)), Contains(AuxvEntry{6, 4096}));
}

TEST(FixtureKinds, NamespacesMountsAndCgroups) {
  const auto dir = fixture("linux-6.18/kinds");
  const auto offsets = expect_value(read_time_offsets(dir));
  EXPECT_EQ(offsets.monotonic, (TimeOffset{500, 0}));
  EXPECT_EQ(offsets.boottime, (TimeOffset{1000, 0}));
  EXPECT_THAT(expect_value(read_uid_map(dir)), ElementsAre(IdRange{0, 0, 4294967295}));
  EXPECT_THAT(expect_value(read_gid_map(dir)), SizeIs(1));
  const auto mounts = expect_value(read_mountinfo(dir));
  EXPECT_EQ(find_mount_of_path(mounts, "/mnt/a b/x")->source, "");
  EXPECT_THAT(find_mount_of_path(mounts, "/mnt/a b/x")->propagation, ElementsAre("shared:1"));
  EXPECT_EQ(find_mount(mounts, 64)->super_options, "rw,size=32768k,mode=755");
  EXPECT_EQ(find_v1(expect_value(read_cgroup(dir)), "memory")->path, "/machine/c1");
}

TEST(FixtureKinds, Sockets) {
  const auto dir = fixture("linux-6.18/kinds");
  const auto unix_sockets = expect_value(read_net_unix(dir));
  EXPECT_THAT(unix_sockets, Contains(AllOf(Field(&UnixSocketLine::name, "kinds@x"),
                                           Field(&UnixSocketLine::abstract, true))));
  EXPECT_EQ(expect_value(read_net_inet(dir, "tcp")).at(0).local.port, 8080);
  EXPECT_EQ(expect_value(read_net_inet(dir, "udp6")).at(0).local.port, 53);
  EXPECT_THAT(expect_value(read_net_inet(dir, "tcp6")), IsEmpty());
  EXPECT_THAT(expect_value(read_net_inet(dir, "udp")), IsEmpty());
}

TEST(FixtureZombie, HasIdentityAndExitStatusOnly) {
  const auto dir = fixture("linux-6.18/zombie");
  const auto status = expect_value(read_status(dir));
  EXPECT_EQ(status.state, TaskState::kZombie);
  EXPECT_EQ(status.umask, std::nullopt);
  EXPECT_EQ(status.thp_enabled, std::nullopt);
  EXPECT_EQ(expect_value(read_stat(dir)).exit_code, 3 << 8);
  EXPECT_THAT(read_maps(dir).value(), IsEmpty());
  EXPECT_THAT(read_cmdline(dir).value(), IsEmpty());
}

TEST(FixtureKernelThread, HasNoMemory) {
  const auto dir = fixture("linux-6.18/kthread");
  EXPECT_EQ(expect_value(read_status(dir)).name, "kthreadd");
  EXPECT_EQ(expect_value(read_stat(dir)).ppid, HostPid{0});
  EXPECT_THAT(read_maps(dir).value(), IsEmpty());
}

TEST(FixtureLocks, ReadsTheWholeMachine) {
  EXPECT_THAT(expect_value(read_locks(fixture("linux-6.18"))), SizeIs(3));
}

TEST(FixtureOlderKernels, LeaveOutWhatCameLater) {
  const auto old = fixture("linux-4.19/sleep");
  const auto status = expect_value(read_status(old));
  EXPECT_EQ(status.seccomp_filters, std::nullopt);
  EXPECT_EQ(status.thp_enabled, std::nullopt);
  EXPECT_EQ(status.core_dumping, false);
  const auto smaps = expect_value(read_smaps(old));
  ASSERT_THAT(smaps, SizeIs(2));
  EXPECT_EQ(smaps[1].rss_bytes, 16u * 1024);
  EXPECT_EQ(smaps[1].protection_key, std::nullopt);

  const auto newer = fixture("linux-5.10/redis");
  EXPECT_EQ(expect_value(read_status(newer)).seccomp_filters, 0u);
  EXPECT_EQ(expect_value(read_fd_info(newer, 0)).inode, std::nullopt);
  EXPECT_EQ(expect_value(read_fd_info(newer, 8)).eventfd, (EventFdInfo{7, 1, std::nullopt}));
  EXPECT_THAT(expect_value(read_fd_info(newer, 9)).epoll_targets, SizeIs(2));
}

}  // namespace
}  // namespace stasis::proc
