#include "checkpoint/network_settings.h"

#include <gmock/gmock.h>

namespace stasis::checkpoint {
namespace {

using model::NetworkSetting;
using proc::NetworkSettings;
using testing::ElementsAre;
using testing::IsEmpty;

const NetworkSettings kFresh{{"core/somaxconn", "4096"},
                             {"ipv4/conf/all/forwarding", "0"},
                             {"ipv4/conf/default/forwarding", "0"},
                             {"ipv4/conf/default/proxy_arp", "0"},
                             {"ipv4/conf/lo/proxy_arp", "0"},
                             {"ipv4/ip_forward", "0"}};

TEST(ChangedSettings, AreNoneInANewNamespace) {
  EXPECT_THAT(changed_settings(kFresh, kFresh), IsEmpty());
}

TEST(ChangedSettings, BeginWithThoseThatSetOthersAndEndWithThoseOfLinks) {
  NetworkSettings found = kFresh;
  found["core/somaxconn"] = "100";
  found["ipv4/conf/lo/proxy_arp"] = "1";
  found["ipv4/conf/default/proxy_arp"] = "1";
  found["ipv4/ip_forward"] = "1";
  EXPECT_THAT(
      changed_settings(kFresh, found),
      ElementsAre(NetworkSetting{"ipv4/ip_forward", "1"}, NetworkSetting{"core/somaxconn", "100"},
                  NetworkSetting{"ipv4/conf/default/proxy_arp", "1"},
                  NetworkSetting{"ipv4/conf/lo/proxy_arp", "1"}));
}

TEST(ChangedSettings, OfANewLinkAreComparedWithTheDefault) {
  NetworkSettings found = kFresh;
  found["ipv4/conf/default/proxy_arp"] = "1";
  found["ipv4/conf/eth0/proxy_arp"] = "1";
  found["ipv4/conf/eth1/proxy_arp"] = "0";
  EXPECT_THAT(changed_settings(kFresh, found),
              ElementsAre(NetworkSetting{"ipv4/conf/default/proxy_arp", "1"},
                          NetworkSetting{"ipv4/conf/eth1/proxy_arp", "0"}));
}

// Setting "all" sets every link: one that has the default's value again has to be set again.
TEST(ChangedSettings, AreAllThatASettingOfAllHasSpreadTo) {
  NetworkSettings found = kFresh;
  found["ipv4/conf/all/forwarding"] = "1";
  found["ipv4/conf/eth0/forwarding"] = "0";
  EXPECT_THAT(changed_settings(kFresh, found),
              ElementsAre(NetworkSetting{"ipv4/conf/all/forwarding", "1"},
                          NetworkSetting{"ipv4/conf/default/forwarding", "0"},
                          NetworkSetting{"ipv4/conf/eth0/forwarding", "0"}));
}

}  // namespace
}  // namespace stasis::checkpoint
