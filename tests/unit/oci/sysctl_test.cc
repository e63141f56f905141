#include "oci/sysctl.h"

#include <gtest/gtest.h>

namespace stasis::oci {
namespace {

TEST(PathOfSysctl, TakesTheFirstSeparatorForTheNames) {
  EXPECT_EQ(path_of_sysctl("net.ipv4.ip_forward"), "net/ipv4/ip_forward");
  EXPECT_EQ(path_of_sysctl("net/ipv4/ip_forward"), "net/ipv4/ip_forward");
  constexpr const char* kDotted = "net/ipv4/conf/eth0.100/rp_filter";
  EXPECT_EQ(path_of_sysctl("net.ipv4.conf.eth0/100.rp_filter"), kDotted);
  EXPECT_EQ(path_of_sysctl("net/ipv4/conf/eth0.100/rp_filter"), kDotted);
}

TEST(PathOfSysctl, RefusesWhatIsNoFileBelowItsDirectory) {
  for (const char* name :
       {"", "..", "net/../x", "net.//.x", "net/./x", "net.ipv4.", ".net", "/net"})
    EXPECT_EQ(path_of_sysctl(name), std::nullopt) << name;
}

TEST(NamespaceOfSysctl, KnowsBothSpellings) {
  EXPECT_EQ(namespace_of_sysctl("net.ipv4.conf.eth0/100.rp_filter"), NamespaceKind::kNetwork);
  EXPECT_EQ(namespace_of_sysctl("net/ipv4/conf/eth0.100/rp_filter"), NamespaceKind::kNetwork);
  EXPECT_EQ(namespace_of_sysctl("fs/mqueue/msg_max"), NamespaceKind::kIpc);
  EXPECT_EQ(namespace_of_sysctl("kernel.shm_rmid_forced"), NamespaceKind::kIpc);
  EXPECT_EQ(namespace_of_sysctl("kernel/domainname"), NamespaceKind::kUts);
  EXPECT_EQ(namespace_of_sysctl("kernel.panic"), std::nullopt);
  EXPECT_EQ(namespace_of_sysctl("net"), std::nullopt);
  EXPECT_EQ(namespace_of_sysctl("network.x"), std::nullopt);
  EXPECT_EQ(namespace_of_sysctl("net/../kernel/panic"), std::nullopt);
}

}  // namespace
}  // namespace stasis::oci
