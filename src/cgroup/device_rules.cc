#include "cgroup/device_rules.h"

#include <array>

#include "sys/file.h"

namespace stasis::cgroup {
namespace {

std::string number_or_any(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "*";
}

}  // namespace

std::string format_device_rule(const DeviceRule& rule) {
  if (rule.type == 'a' && !rule.major && !rule.minor) return "a";
  return fmt::format("{} {}:{} {}", rule.type, number_or_any(rule.major), number_or_any(rule.minor),
                     rule.access);
}

std::vector<DeviceRule> with_default_devices(std::vector<DeviceRule> rules) {
  static constexpr std::array<std::pair<int, int>, 8> kNumbers{
      {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 1}, {5, 2}}};
  rules.push_back({true, 'c', std::nullopt, std::nullopt, "m"});
  rules.push_back({true, 'b', std::nullopt, std::nullopt, "m"});
  for (const auto& [major, minor] : kNumbers) rules.push_back({true, 'c', major, minor, "rwm"});
  rules.push_back({true, 'c', 136, std::nullopt, "rwm"});  // the slaves of ptys
  return rules;
}

Result<void> apply_device_rules(const std::vector<DeviceRule>& rules,
                                const ContainerCgroup& cgroup) {
  if (rules.empty()) return {};
  const CgroupDirectory* directory = cgroup.find("devices");
  if (directory == nullptr) {
    return fail(ErrorKind::kUnsupported,
                "device rules need the v1 'devices' cgroup controller, which is not mounted here");
  }
  for (const DeviceRule& rule : with_default_devices(rules)) {
    const std::string file = rule.allow ? "/devices.allow" : "/devices.deny";
    STASIS_TRY(sys::write_control_file(directory->directory + file, format_device_rule(rule)));
  }
  return {};
}

}  // namespace stasis::cgroup
