#include "proc/fd_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kHead = "pos:\t0\nflags:\t02000002\nmnt_id:\t16\nino:\t2471\n";

FdInfo parsed(const std::string& text) {
  const auto info = parse_fd_info(text);
  EXPECT_TRUE(info) << info.error().message();
  return info.value_or(FdInfo{});
}

TEST(ParseFdInfo, ReadsWhatEveryFileHas) {
  const auto info = parsed("pos:\t-1\nflags:\t0100000\nmnt_id:\t24\nino:\t3\n");
  const FdInfo expected = {.pos = -1, .flags = 0100000, .mount_id = 24, .inode = 3};
  EXPECT_EQ(info, expected);
  EXPECT_EQ(parsed("pos:\t5\nflags:\t02\nmnt_id:\t24\n").inode, std::nullopt);
}

TEST(ParseFdInfo, ReadsEventFds) {
  const EventFdInfo now = {.count = 0xff, .id = 17, .semaphore = true};
  EXPECT_EQ(parsed(kHead + "eventfd-count:               ff\neventfd-id: 17\n"
                           "eventfd-semaphore: 1\n")
                .eventfd,
            now);
  const EventFdInfo old = {.count = 0xfffffffffffffffe};
  EXPECT_EQ(parsed(kHead + "eventfd-count: fffffffffffffffe\n").eventfd, old);
}

TEST(ParseFdInfo, ReadsEpollSets) {
  const auto info = parsed(
      kHead +
      "tfd:        5 events:       19 data:                5  pos:0 ino:9bf sdev:c\n"
      "tfd:     1023 events: 80000001 data: ffffffffffffffff  pos:4096 ino:3d21b sdev:fe00001\n");
  const EpollTarget first = {.fd = 5, .events = 0x19, .data = 5, .inode = 0x9bf, .dev_minor = 0xc};
  const EpollTarget second = {.fd = 1023,
                              .events = 0x80000001,
                              .data = UINT64_MAX,
                              .pos = 4096,
                              .inode = 0x3d21b,
                              .dev_major = 0xfe,
                              .dev_minor = 1};
  EXPECT_THAT(info.epoll_targets, ElementsAre(first, second));
}

TEST(ParseFdInfo, ReadsInotifyWatches) {
  const auto info =
      parsed(kHead +
             "inotify wd:2 ino:9e7e sdev:800013 mask:800afce ignored_mask:0 fhandle-bytes:8 "
             "fhandle-type:1 f_handle:7e9e0000640d1b6d\n"
             "inotify wd:a ino:1 sdev:15 mask:2 ignored_mask:0 \n");
  InotifyWatchInfo first = {
      .descriptor = 2, .inode = 0x9e7e, .dev_major = 8, .dev_minor = 0x13, .mask = 0x800afce};
  first.handle = FileHandle{1, {0x7e, 0x9e, 0, 0, 0x64, 0x0d, 0x1b, 0x6d}};
  const InotifyWatchInfo second = {.descriptor = 10, .inode = 1, .dev_minor = 0x15, .mask = 2};
  EXPECT_THAT(info.inotify_watches, ElementsAre(first, second));
}

TEST(ParseFdInfo, ReadsTimerFds) {
  const TimerFdInfo expected = {.clock = 1,
                                .ticks = 3,
                                .settime_flags = 01,
                                .value_ns = 7'640'020'877,
                                .interval_ns = 1'000'000'000};
  EXPECT_EQ(parsed(kHead + "clockid: 1\nticks: 3\nsettime flags: 01\n"
                           "it_value: (7, 640020877)\nit_interval: (1, 0)\n")
                .timerfd,
            expected);
}

TEST(ParseFdInfo, ReadsTheOtherKinds) {
  EXPECT_EQ(parsed(kHead + "sigmask:\t0000000000000201\n").signal_mask, 0x201u);
  const PidFdInfo pidfd = {.pid = HostPid{120}, .ns_pid = {NsPid{120}, NsPid{3}}};
  EXPECT_EQ(parsed(kHead + "Pid:\t120\nNSpid:\t120\t3\n").pidfd, pidfd);
  EXPECT_EQ(parsed(kHead + "Pid:\t-1\n").pidfd->pid, HostPid{-1});
  EXPECT_EQ(parsed(kHead + "tty-index:\t4\n").tty_index, 4);
  EXPECT_EQ(parsed(kHead + "scm_fds: 2\n").in_flight_fds, 2u);
  const FileLock lock = {.number = 1,
                         .kind = LockClass::kFlock,
                         .mode = LockMode::kWrite,
                         .pid = HostPid{359},
                         .dev_minor = 0x13,
                         .inode = 11691};
  EXPECT_THAT(parsed(kHead + "lock:\t1: FLOCK  ADVISORY  WRITE 359 00:13:11691 0 EOF\n").locks,
              ElementsAre(lock));
}

TEST(ParseFdInfo, IgnoresLinesOfUnknownKinds) {
  const auto info = parsed(kHead + "SqMask:\t0x7\nUserFiles:\t0\nAPI:\t1\nno colon\n");
  EXPECT_EQ(info, parsed(kHead));
}

TEST(ParseFdInfo, NamesLineAndField) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "fdinfo: no line 'pos'"},
      {"pos:\t0\n", "fdinfo: no line 'flags'"},
      {"pos:\tx\n", "fdinfo line 1: pos: expected a decimal number, found 'x'"},
      {"pos:\t0\nflags:\t09\n", "fdinfo line 2: flags: expected an octal number, found '09'"},
      {"mnt_id:\t1 2\n", "fdinfo line 1: expected end of line, found '2'"},
      {"eventfd-count: g\n",
       "fdinfo line 1: eventfd-count: expected a hexadecimal number, found 'g'"},
      {"tfd: 5 data: 1\n", "fdinfo line 1: events: expected 'events:', found 'data:'"},
      {"tfd: 5 events:\n", "fdinfo line 1: events: expected a field, found end of line"},
      {"tfd: 5 events: 1 data: 1\n", "fdinfo line 1: pos: expected a field, found end of line"},
      {"inotify wd:x\n", "fdinfo line 1: wd: expected a hexadecimal number, found 'x'"},
      {"inotify wd:1 ino:1 sdev:1 mask:1 ignored_mask:0 fhandle-bytes:2 fhandle-type:1 "
       "f_handle:0102ff\n",
       "fdinfo line 1: f_handle: expected 2 bytes in hexadecimal, found '0102ff'"},
      {"inotify wd:1 ino:1 sdev:1 mask:1 ignored_mask:0 fhandle-bytes:1 fhandle-type:1 "
       "f_handle:+1\n",
       "fdinfo line 1: f_handle: expected a hexadecimal number, found '+1'"},
      {"it_value: 1\n", "fdinfo line 1: it_value: expected (seconds, nanoseconds), found '1'"},
      {"it_value: (1, x)\n", "fdinfo line 1: it_value: expected a decimal number, found 'x'"},
      {"it_value: (1, 1000000000)\n",
       "fdinfo line 1: it_value: expected a time below 2^64 ns, found '(1, 1000000000)'"},
      {"it_value: (18446744073, 0)\n",
       "fdinfo line 1: it_value: expected a time below 2^64 ns, found '(18446744073, 0)'"},
      {"lock:\t1: FLOCK\n", "fdinfo line 1: state: expected a field, found end of line"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(parse_fd_info(text)), message);
}

}  // namespace
}  // namespace stasis::proc
