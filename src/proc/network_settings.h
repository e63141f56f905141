// The sysctls of a network namespace: what stands below /proc/sys/net.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stasis::proc {

// By path below /proc/sys/net: "ipv4/conf/lo/forwarding"; those that can be read and written.
using NetworkSettings = std::map<std::string, std::string>;

// Of the calling thread's network namespace.
Result<NetworkSettings> read_network_settings();

// "ipv4/conf/eth0/forwarding" is a setting of one link; those of "all" and "default" are not.
struct LinkSetting {
  std::string directory;  // "ipv4/conf"
  std::string link;       // "eth0"
  std::string key;        // "forwarding"
  bool operator==(const LinkSetting&) const = default;
};
std::optional<LinkSetting> parse_link_setting(std::string_view name);

}  // namespace stasis::proc
