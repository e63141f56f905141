#include "proc/file_locks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseLocks, KnowsEveryKind) {
  const auto locks = parse_locks(
      "1: POSIX  ADVISORY  WRITE 4787 fe:00:12345 0 EOF\n"
      "1: -> POSIX  ADVISORY  READ 4788 fe:00:12345 10 19\n"
      "2: FLOCK  ADVISORY  READ  12 00:1b:6 0 EOF\n"
      "3: OFDLCK ADVISORY  WRITE -1 00:1b:7 5 5\n"
      "4: LEASE  ACTIVE    READ 13 00:1b:8 0 EOF\n"
      "5: LEASE  BREAKING  UNLCK 14 00:1b:9 0 EOF\n"
      "6: DELEG  BREAKER   READ 0 00:1b:10 0 EOF\n");
  ASSERT_TRUE(locks) << locks.error().message();
  const FileLock first = {.number = 1,
                          .kind = LockClass::kPosix,
                          .mode = LockMode::kWrite,
                          .pid = HostPid{4787},
                          .dev_major = 0xfe,
                          .inode = 12345};
  const FileLock waiter = {.number = 1,
                           .waiting = true,
                           .pid = HostPid{4788},
                           .dev_major = 0xfe,
                           .inode = 12345,
                           .start = 10,
                           .end = 19};
  const FileLock flock = {
      .number = 2, .kind = LockClass::kFlock, .pid = HostPid{12}, .dev_minor = 0x1b, .inode = 6};
  const FileLock ofd = {.number = 3,
                        .kind = LockClass::kOfd,
                        .mode = LockMode::kWrite,
                        .pid = HostPid{-1},
                        .dev_minor = 0x1b,
                        .inode = 7,
                        .start = 5,
                        .end = 5};
  const FileLock lease = {
      .number = 4, .kind = LockClass::kLease, .pid = HostPid{13}, .dev_minor = 0x1b, .inode = 8};
  const FileLock breaking = {.number = 5,
                             .kind = LockClass::kLease,
                             .breaking = true,
                             .mode = LockMode::kUnlock,
                             .pid = HostPid{14},
                             .dev_minor = 0x1b,
                             .inode = 9};
  const FileLock delegation = {.number = 6,
                               .kind = LockClass::kDelegation,
                               .breaking = true,
                               .dev_minor = 0x1b,
                               .inode = 10};
  EXPECT_THAT(*locks, ElementsAre(first, waiter, flock, ofd, lease, breaking, delegation));
  EXPECT_THAT(*parse_locks(""), IsEmpty());
}

TEST(ParseLocks, NamesLineAndField) {
  const std::pair<const char*, const char*> cases[] = {
      {"1 POSIX ADVISORY WRITE 1 0:0:0 0 EOF",
       "locks line 1: number: expected a number and ':', found '1'"},
      {"x: POSIX ADVISORY WRITE 1 0:0:0 0 EOF",
       "locks line 1: number: expected a decimal number, found 'x'"},
      {"1: ACCESS MANDATORY WRITE 1 0:0:0 0 EOF",
       "locks line 1: kind: expected POSIX, OFDLCK, FLOCK, LEASE or DELEG, found 'ACCESS'"},
      {"1: POSIX MANDATORY WRITE 1 0:0:0 0 EOF",
       "locks line 1: state: expected ADVISORY, ACTIVE, BREAKING or BREAKER, found 'MANDATORY'"},
      {"1: POSIX ADVISORY RW 1 0:0:0 0 EOF",
       "locks line 1: mode: expected READ, WRITE or UNLCK, found 'RW'"},
      {"1: POSIX ADVISORY WRITE 1 <none>:0 0 EOF",
       "locks line 1: file: expected MAJOR:MINOR:INODE, found '<none>:0'"},
      {"1: POSIX ADVISORY WRITE 1 0:0:0 0 END",
       "locks line 1: end: expected a decimal number, found 'END'"},
      {"1: POSIX ADVISORY WRITE 1 0:0:0 0",
       "locks line 1: end: expected a field, found end of line"},
      {"1: POSIX ADVISORY WRITE 1 0:0:0 0 EOF x", "locks line 1: expected end of line, found 'x'"},
      {"1: ->", "locks line 1: kind: expected a field, found end of line"},
      {"\n", "locks line 1: number: expected a field, found end of line"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(parse_locks(text)), message);
}

}  // namespace
}  // namespace stasis::proc
