#include "runtime/proc_mounts.h"

#include <gtest/gtest.h>

#include "runtime/rootfs_paths.h"

namespace stasis::runtime {
namespace {

std::string message_of(const std::string& destination, MountContent content) {
  const auto checked = check_proc_destination(destination, content);
  return checked ? "allowed" : checked.error().message();
}

TEST(CheckProcDestination, LetsPassWhatIsNotInProc) {
  for (const char* path : {"/", "/process", "/srv/proc", "/sys", "/proc/../srv", "/dev"}) {
    EXPECT_EQ(message_of(path, MountContent::kOther), "allowed") << path;
  }
}

TEST(CheckProcDestination, WantsAProcfsAtProc) {
  for (const char* path : {"/proc", "/proc/", "//proc", "/srv/../proc/."}) {
    EXPECT_EQ(message_of(path, MountContent::kProcfs), "allowed") << path;
    EXPECT_EQ(message_of(path, MountContent::kOther),
              "at /proc there can be a new mount of type proc, or a bind of one, and nothing else")
        << path;
  }
}

TEST(CheckProcDestination, KnowsWhatCanBeCoveredInside) {
  for (const char* path :
       {"/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg", "/proc/meminfo", "/proc/net/dev",
        "/proc/slabinfo", "/proc/stat", "/proc/swaps", "/proc/uptime", "//proc/./uptime",
        "/proc/sys/crypto/fips_enabled", "/proc/sys/kernel/ns_last_pid"}) {
    EXPECT_EQ(message_of(path, MountContent::kOther), "allowed") << path;
  }
  for (const char* path : {"/proc/sys", "/proc/self/attr", "/proc/cpuinfo/x", "/proc/net",
                           "/proc/1", "/proc/sys/kernel", "/srv/../proc/version"}) {
    for (const auto content : {MountContent::kProcfs, MountContent::kOther}) {
      EXPECT_EQ(message_of(path, content),
                "inside of /proc, only these can be mounted over: cpuinfo, diskstats, loadavg, "
                "meminfo, net/dev, slabinfo, stat, swaps, uptime, sys/crypto/fips_enabled, "
                "sys/kernel/ns_last_pid")
          << path;
    }
  }
}

TEST(PathBelow, ComparesWholeComponents) {
  EXPECT_EQ(path_below("/proc/sys/kernel", "/proc"), "sys/kernel");
  EXPECT_EQ(path_below("/proc", "/proc/"), ".");
  EXPECT_EQ(path_below("/proc/", "/proc"), ".");
  EXPECT_EQ(path_below("/srv/../proc//sys/.", "/proc"), "sys/");
  EXPECT_EQ(path_below("/process", "/proc"), std::nullopt);
  EXPECT_EQ(path_below("/proc/../srv", "/proc"), std::nullopt);
  EXPECT_EQ(path_below("/srv", "/"), "srv");
}

}  // namespace
}  // namespace stasis::runtime
