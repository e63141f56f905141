#include "proc/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::SizeIs;

constexpr const char* kHeading =
    "Limit                     Soft Limit           Hard Limit           Units     \n";
constexpr const char* kCpu =
    "Max cpu time              unlimited            10                   seconds   \n";

TEST(ParseLimits, IndexesByRlimit) {
  const auto limits = parse_limits(
      std::string(kHeading) + kCpu +
      "Max file size             1                    2                    bytes     \n"
      "Max data size             3                    4                    bytes     \n"
      "Max stack size            8388608              unlimited            bytes     \n"
      "Max core file size        0                    unlimited            bytes     \n"
      "Max resident set          unlimited            unlimited            bytes     \n"
      "Max processes             5                    6                    processes \n"
      "Max open files            20000                18446744073709551614 files     \n"
      "Max locked memory         7                    8                    bytes     \n"
      "Max address space         9                    10                   bytes     \n"
      "Max file locks            11                   12                   locks     \n"
      "Max pending signals       13                   14                   signals   \n"
      "Max msgqueue size         819200               819200               bytes     \n"
      "Max nice priority         15                   16                   \n"
      "Max realtime priority     17                   18                   \n"
      "Max realtime timeout      19                   unlimited            us        \n");
  ASSERT_TRUE(limits) << limits.error().message();
  ASSERT_THAT(*limits, SizeIs(RLIM_NLIMITS));
  EXPECT_EQ((*limits)[RLIMIT_CPU], (Limit{UINT64_MAX, 10}));
  EXPECT_EQ((*limits)[RLIMIT_FSIZE], (Limit{1, 2}));
  EXPECT_EQ((*limits)[RLIMIT_DATA], (Limit{3, 4}));
  EXPECT_EQ((*limits)[RLIMIT_STACK], (Limit{8388608, UINT64_MAX}));
  EXPECT_EQ((*limits)[RLIMIT_CORE], (Limit{0, UINT64_MAX}));
  EXPECT_EQ((*limits)[RLIMIT_RSS], (Limit{UINT64_MAX, UINT64_MAX}));
  EXPECT_EQ((*limits)[RLIMIT_NPROC], (Limit{5, 6}));
  EXPECT_EQ((*limits)[RLIMIT_NOFILE], (Limit{20000, UINT64_MAX - 1}));
  EXPECT_EQ((*limits)[RLIMIT_MEMLOCK], (Limit{7, 8}));
  EXPECT_EQ((*limits)[RLIMIT_AS], (Limit{9, 10}));
  EXPECT_EQ((*limits)[RLIMIT_LOCKS], (Limit{11, 12}));
  EXPECT_EQ((*limits)[RLIMIT_SIGPENDING], (Limit{13, 14}));
  EXPECT_EQ((*limits)[RLIMIT_MSGQUEUE], (Limit{819200, 819200}));
  EXPECT_EQ((*limits)[RLIMIT_NICE], (Limit{15, 16}));
  EXPECT_EQ((*limits)[RLIMIT_RTPRIO], (Limit{17, 18}));
  EXPECT_EQ((*limits)[RLIMIT_RTTIME], (Limit{19, UINT64_MAX}));
}

TEST(ParseLimits, NamesLineAndField) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "limits line 1: heading: expected 'Limit ...', found ''"},
      {kCpu,
       "limits line 1: heading: expected 'Limit ...', found "
       "'Max cpu time              unlimited            10               ...'"},
      {kHeading, "limits: no line 'Max cpu time'"},
      {std::string(kHeading) + kCpu, "limits: no line 'Max file size'"},
      {std::string(kHeading) + "Max data size 1 2\n",
       "limits line 2: name: expected 'Max cpu time', found 'Max data size 1 2'"},
      {std::string(kHeading) + "Max cpu timeout 1 2\n",
       "limits line 2: name: expected 'Max cpu time', found 'Max cpu timeout 1 2'"},
      {std::string(kHeading) + "Max cpu time no 2\n",
       "limits line 2: soft limit: expected a decimal number, found 'no'"},
      {std::string(kHeading) + "Max cpu time 1 \n",
       "limits line 2: hard limit: expected a field, found end of line"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(parse_limits(text)), message);
}

}  // namespace
}  // namespace stasis::proc
