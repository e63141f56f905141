#include "restore/device.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <gtest/gtest.h>

namespace stasis::restore {
namespace {

TEST(IsDefaultDevice, KnowsTheDevicesOfTheSpecification) {
  EXPECT_TRUE(is_default_device(S_IFCHR | 0666, makedev(1, 3)));
  EXPECT_TRUE(is_default_device(S_IFCHR, makedev(1, 9)));
  EXPECT_TRUE(is_default_device(S_IFCHR, makedev(5, 2)));
  EXPECT_TRUE(is_default_device(S_IFCHR, makedev(136, 7)));
  EXPECT_FALSE(is_default_device(S_IFCHR, makedev(1, 1)));   // mem
  EXPECT_FALSE(is_default_device(S_IFCHR, makedev(1, 11)));  // kmsg
  EXPECT_FALSE(is_default_device(S_IFBLK, makedev(1, 3)));
  EXPECT_FALSE(is_default_device(S_IFCHR, makedev(4, 1)));
}

}  // namespace
}  // namespace stasis::restore
