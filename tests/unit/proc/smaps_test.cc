#include "proc/smaps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kTwo =
    "5000-9000 rw-p 00000000 00:00 0                          [heap]\n"
    "Size:                 16 kB\n"
    "KernelPageSize:        4 kB\n"
    "MMUPageSize:           4 kB\n"
    "Rss:                  12 kB\n"
    "Pss:                   8 kB\n"
    "Pss_Dirty:             8 kB\n"
    "Anonymous:            11 kB\n"
    "AnonHugePages:      2048 kB\n"
    "Swap:                  3 kB\n"
    "SwapPss:               1 kB\n"
    "Locked:                2 kB\n"
    "THPeligible:           1\n"
    "ProtectionKey:         5\n"
    "VmFlags: rd wr mr mw me ac sd \n"
    "9000-a000 ---p 00000000 00:00 0 \n"
    "Size:                  4 kB\n"
    "KernelPageSize:        4 kB\n";

TEST(ParseSmaps, ReadsFlagsAndSelectedSizes) {
  const auto smaps = parse_smaps(kTwo);
  ASSERT_TRUE(smaps) << smaps.error().message();
  ASSERT_THAT(*smaps, SizeIs(2));
  const auto& heap = (*smaps)[0];
  EXPECT_EQ(heap.mapping.path, "[heap]");
  EXPECT_THAT(heap.flags.codes, ElementsAre("rd", "wr", "mr", "mw", "me", "ac", "sd"));
  EXPECT_TRUE(heap.flags.has("sd"));
  EXPECT_FALSE(heap.flags.has("lo"));
  EXPECT_EQ(heap.rss_bytes, 12u * 1024);
  EXPECT_EQ(heap.pss_bytes, 8u * 1024);
  EXPECT_EQ(heap.anonymous_bytes, 11u * 1024);
  EXPECT_EQ(heap.anon_huge_bytes, 2048u * 1024);
  EXPECT_EQ(heap.kernel_page_bytes, 4096u);
  EXPECT_EQ(heap.locked_bytes, 2u * 1024);
  EXPECT_EQ(heap.swap_bytes, 3u * 1024);
  EXPECT_EQ(heap.protection_key, 5u);
  const auto& guard = (*smaps)[1];
  EXPECT_EQ(guard.mapping.start, 0x9000u);
  EXPECT_THAT(guard.flags.codes, IsEmpty());
  EXPECT_EQ(guard.protection_key, std::nullopt);
}

TEST(ParseSmaps, NamesLineAndField) {
  const std::string heading = "5000-9000 rw-p 00000000 00:00 0\n";
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"Rss: 1 kB\n", "smaps line 1: mapping: expected an address range, found 'Rss: 1 kB'"},
      {heading + "Rss: x kB\n", "smaps line 2: Rss: expected a decimal number, found 'x'"},
      {heading + "Rss: 1 MB\n", "smaps line 2: expected 'kB', found 'MB'"},
      {heading + "Rss: 1 kB 2\n", "smaps line 2: expected end of line, found '2'"},
      {heading + "Rss: 18014398509481984 kB\n",
       "smaps line 2: Rss: expected a size below 2^64 bytes, found '18014398509481984 kB'"},
      {heading + "VmFlags: rd wrx\n",
       "smaps line 2: VmFlags: expected two letters a flag, found 'wrx'"},
      {heading + "Rss 1 kB\n",
       "smaps line 2: address range: expected two numbers around '-', found 'Rss'"},
      {heading + "ProtectionKey: -1\n",
       "smaps line 2: ProtectionKey: expected a decimal number, found '-1'"},
  };
  for (const auto& c : cases) EXPECT_EQ(message_of(parse_smaps(c.text)), c.message);
}

}  // namespace
}  // namespace stasis::proc
