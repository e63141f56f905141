#include "proc/maps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(ParseMaps, ReadsEveryColumn) {
  const auto maps = parse_maps(
      "556f83256000-556f8325c000 r-xp 00002000 fe:00 247498                     /usr/bin/head\n"
      "7f0000000000-7f0000001000 -w-s 100000000 00:1a 18446744073709551615 /dev/shm/a b\n");
  ASSERT_TRUE(maps) << maps.error().message();
  ASSERT_THAT(*maps, SizeIs(2));
  const Mapping text = {.start = 0x556f83256000,
                        .end = 0x556f8325c000,
                        .read = true,
                        .exec = true,
                        .offset = 0x2000,
                        .dev_major = 0xfe,
                        .inode = 247498,
                        .path = "/usr/bin/head"};
  EXPECT_EQ((*maps)[0], text);
  const Mapping shared = {.start = 0x7f0000000000,
                          .end = 0x7f0000001000,
                          .write = true,
                          .shared = true,
                          .offset = 0x100000000,
                          .dev_minor = 0x1a,
                          .inode = UINT64_MAX,
                          .path = "/dev/shm/a b"};
  EXPECT_EQ((*maps)[1], shared);
}

TEST(ParseMaps, UnderstandsPaths) {
  struct Case {
    const char* path;
    const char* decoded;
    bool deleted;
  };
  const Case cases[] = {
      {"", "", false},
      {"                          ", "", false},
      {"[heap]", "[heap]", false},
      {"[anon:glibc: malloc]", "[anon:glibc: malloc]", false},
      {"/tmp/a\\012b", "/tmp/a\nb", false},
      {"/tmp/a\\040b\\", "/tmp/a\\040b\\", false},
      {"/tmp/gone (deleted)", "/tmp/gone", true},
      {"/memfd:x y (deleted)", "/memfd:x y", true},
      {"/SYSV00000000 (deleted)", "/SYSV00000000", true},
      {"/a (deleted) (deleted)", "/a (deleted)", true},
  };
  for (const auto& c : cases) {
    const auto maps = parse_maps(std::string("1000-2000 rw-p 00000000 00:00 0 ") + c.path + "\n");
    ASSERT_TRUE(maps) << maps.error().message();
    EXPECT_EQ(maps->at(0).path, c.decoded);
    EXPECT_EQ(maps->at(0).deleted, c.deleted) << c.path;
  }
}

TEST(ParseMaps, TakesAnEmptyTextAndAddressesUpToTheTop) {
  EXPECT_THAT(*parse_maps(""), IsEmpty());
  const auto maps = parse_maps(
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]");
  ASSERT_TRUE(maps);
  EXPECT_EQ(maps->at(0).end, 0xffffffffff601000u);
}

TEST(ParseMaps, NamesLineAndField) {
  const std::string good = "1000-2000 rw-p 00000000 00:00 0\n";
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {good + "x-3000 rw-p 0 00:00 0",
       "maps line 2: address range: expected a hexadecimal number, found 'x'"},
      {"1000 rw-p 0 00:00 0",
       "maps line 1: address range: expected two numbers around '-', found '1000'"},
      {"2000-1000 rw-p 0 00:00 0",
       "maps line 1: address range: expected an end above its start, found '2000-1000'"},
      {"1000-11112222333344445 rw-p 0 00:00 0",
       "maps line 1: address range: expected a hexadecimal number, found '11112222333344445'"},
      {good + "1fff-3000 rw-p 0 00:00 0",
       "maps line 2: address range: expected a start from 2000 on, found '1fff'"},
      {"1000-2000 rwx 0 00:00 0",
       "maps line 1: permissions: expected four letters like 'rw-p', found 'rwx'"},
      {"1000-2000 rwxq 0 00:00 0",
       "maps line 1: permissions: expected four letters like 'rw-p', found 'rwxq'"},
      {"1000-2000 rw-p 0 0000 0",
       "maps line 1: device: expected two numbers around ':', found '0000'"},
      {"1000-2000 rw-p 0 00:00 -1", "maps line 1: inode: expected a decimal number, found '-1'"},
      {"1000-2000 rw-p 0 00:00", "maps line 1: inode: expected a field, found end of line"},
      {good + "\n" + good, "maps line 2: address range: expected a field, found end of line"},
      {"\x01\n", "maps line 1: address range: expected two numbers around '-', found '\\x01'"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(message_of(parse_maps(c.text)), c.message);
    EXPECT_EQ(parse_maps(c.text).error().kind(), ErrorKind::kUnsupported);
  }
}

}  // namespace
}  // namespace stasis::proc
