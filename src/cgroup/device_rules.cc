#include "cgroup/device_rules.h"

#include <algorithm>
#include <array>

#include <fcntl.h>

#include "cgroup/device_program.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

std::string number_or_any(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "*";
}

std::string format_rule(const DeviceRule& rule) {
  return fmt::format("{} {}:{} {}", rule.type, number_or_any(rule.major), number_or_any(rule.minor),
                     rule.access);
}

// The kernel takes any rule of type 'a' for one about all devices and all access.
std::vector<DeviceRule> split_type(const DeviceRule& rule) {
  if (rule.type != 'a') return {rule};
  std::vector<DeviceRule> both{rule, rule};
  both[0].type = 'b';
  both[1].type = 'c';
  return both;
}

bool covers(const std::optional<std::int64_t>& wide, const std::optional<std::int64_t>& narrow) {
  return !wide || wide == narrow;
}

bool same_devices(const DeviceRule& a, const DeviceRule& b) {
  return a.type == b.type && a.major == b.major && a.minor == b.minor;
}

// `inner` concerns devices and access that `outer` concerns as well, but not exactly its devices.
bool is_within(const DeviceRule& inner, const DeviceRule& outer) {
  return inner.type == outer.type && !same_devices(inner, outer) &&
         covers(outer.major, inner.major) && covers(outer.minor, inner.minor) &&
         inner.access.find_first_of(outer.access) != std::string::npos;
}

// The exceptions to the rule about all that the kernel has noted so far.
class Exceptions {
 public:
  explicit Exceptions(const DeviceRule& about_all) : about_all_(about_all) {}

  Result<void> note(const DeviceRule& rule) {
    if (rule.allow != about_all_.allow) {
      noted_.push_back(rule);
      return {};
    }
    const auto wider =
        std::ranges::find_if(noted_, [&](const auto& one) { return is_within(rule, one); });
    if (wider == noted_.end()) return {};
    return fail(ErrorKind::kUnsupported,
                "'{}' is an exception to '{}', which cgroup v1 cannot have: name the devices one by "
                "one",
                format_rule(rule), format_rule(*wider));
  }

 private:
  DeviceRule about_all_;
  std::vector<DeviceRule> noted_;
};

Result<void> apply_v1(const std::vector<DeviceRule>& rules, const CgroupDirectory& directory) {
  STASIS_ASSIGN(const auto writes, plan_devices_v1(rules));
  const std::string prefix = directory.directory + "/";
  for (const DeviceWrite& write : writes) {
    STASIS_TRY(sys::write_control_file(prefix + write.file, write.value));
  }
  return {};
}

}  // namespace

bool DeviceRule::is_about_all() const {
  const auto has = [this](char kind) { return access.find(kind) != std::string::npos; };
  return type == 'a' && !major && !minor && has('r') && has('w') && has('m');
}

std::vector<DeviceRule> effective_device_rules(const std::vector<DeviceRule>& rules) {
  static constexpr std::array<std::pair<int, int>, 8> kNumbers{
      {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 1}, {5, 2}}};
  std::vector<DeviceRule> effective{DeviceRule{}};
  for (const DeviceRule& rule : rules) {
    if (rule.is_about_all()) effective.clear();
    effective.push_back(rule);
  }
  // Nothing left to allow: the container of a privileged engine may do what its parent may.
  if (effective.size() == 1 && effective.front().allow) return effective;
  effective.push_back({true, 'c', std::nullopt, std::nullopt, "m"});
  effective.push_back({true, 'b', std::nullopt, std::nullopt, "m"});
  for (const auto& [major, minor] : kNumbers) effective.push_back({true, 'c', major, minor, "rwm"});
  effective.push_back({true, 'c', 136, std::nullopt, "rwm"});  // the slaves of ptys
  return effective;
}

Result<std::vector<DeviceWrite>> plan_devices_v1(const std::vector<DeviceRule>& rules) {
  std::vector<DeviceWrite> writes;
  Exceptions exceptions(DeviceRule{});
  for (const DeviceRule& rule : rules) {
    const std::string file = rule.allow ? "devices.allow" : "devices.deny";
    if (rule.is_about_all()) {
      exceptions = Exceptions(rule);
      writes.push_back({file, "a"});
      continue;
    }
    for (const DeviceRule& one : split_type(rule)) {
      STASIS_TRY(exceptions.note(one));
      writes.push_back({file, format_rule(one)});
    }
  }
  return writes;
}

Result<void> apply_device_rules(const std::vector<DeviceRule>& rules,
                                const ContainerCgroup& cgroup) {
  const auto effective = effective_device_rules(rules);
  if (const CgroupDirectory* v1 = cgroup.find("devices")) return apply_v1(effective, *v1);
  const CgroupDirectory* v2 = cgroup.find_v2();
  if (v2 == nullptr) {
    return fail(ErrorKind::kUnsupported,
                "device rules need the v1 'devices' cgroup controller, or cgroup v2; neither is "
                "mounted here");
  }
  STASIS_ASSIGN(const UniqueFd directory, sys::open(v2->directory, O_RDONLY | O_DIRECTORY));
  return attach_device_rules(effective, directory.get());
}

}  // namespace stasis::cgroup
