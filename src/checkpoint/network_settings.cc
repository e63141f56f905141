#include "checkpoint/network_settings.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace stasis::checkpoint {
namespace {

using proc::NetworkSettings;

bool differs(const NetworkSettings& fresh, const NetworkSettings& found, const std::string& name) {
  const auto before = fresh.find(name);
  const auto now = found.find(name);
  return now != found.end() && (before == fresh.end() || before->second != now->second);
}

// Setting these for "all" sets them for "default" and for every link.
constexpr std::array<std::string_view, 2> kSpreading{"forwarding", "disable_ipv6"};

bool is_set_by_all(const NetworkSettings& fresh, const NetworkSettings& found,
                   const std::string& name) {
  const auto conf = name.find("/conf/");
  const auto key = name.rfind('/') + 1;
  if (conf == std::string::npos) return false;
  if (std::ranges::find(kSpreading, name.substr(key)) == kSpreading.end()) return false;
  const std::string all = name.substr(0, conf) + "/conf/all/" + name.substr(key);
  return all != name && differs(fresh, found, all);
}

bool is_changed(const NetworkSettings& fresh, const NetworkSettings& found, const std::string& name,
                const std::string& value) {
  if (is_set_by_all(fresh, found, name)) return true;
  const auto link = proc::parse_link_setting(name);
  if (!link) return differs(fresh, found, name);
  if (const auto own = fresh.find(name); own != fresh.end()) return own->second != value;
  const auto inherited = found.find(fmt::format("{}/default/{}", link->directory, link->key));
  return inherited == found.end() || inherited->second != value;
}

// First those that set others, last those of links.
int rank(const model::NetworkSetting& setting) {
  if (setting.name == "ipv4/ip_forward") return 0;
  if (setting.name.find("/conf/all/") != std::string::npos) return 1;
  return proc::parse_link_setting(setting.name) ? 3 : 2;
}

}  // namespace

std::vector<model::NetworkSetting> changed_settings(const NetworkSettings& fresh,
                                                    const NetworkSettings& found) {
  std::vector<model::NetworkSetting> changed;
  for (const auto& [name, value] : found) {
    if (is_changed(fresh, found, name, value)) changed.push_back({name, value});
  }
  std::ranges::stable_sort(changed, {}, rank);
  return changed;
}

}  // namespace stasis::checkpoint
