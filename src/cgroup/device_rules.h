// Which devices a container may open and make nodes of. Here: the rules as values, and what the v1
// devices controller has to be told (Documentation/admin-guide/cgroup-v1/devices.rst).
// Not here: v2, where a BPF program decides (cgroup/device_program.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cgroup/container_cgroup.h"

namespace stasis::cgroup {

struct DeviceRule {
  bool allow = false;
  char type = 'a';                           // 'a', 'b' or 'c'; 'a' stands for both
  std::optional<std::int64_t> major, minor;  // absent: any
  std::string access = "rwm";
  bool operator==(const DeviceRule&) const = default;

  // Every device, every kind of access.
  bool is_about_all() const;
};

// What holds in a container: the last rule that fits decides. Begins with a rule about all devices,
// which is "deny" unless `rules` say otherwise, and ends with what every container may use: null,
// zero, full, random, urandom, tty, console, ptmx, ptys, and making nodes of any device.
std::vector<DeviceRule> effective_device_rules(const std::vector<DeviceRule>& rules);

// One write to devices.allow or devices.deny.
struct DeviceWrite {
  std::string file;
  std::string value;
  bool operator==(const DeviceWrite&) const = default;
};

// `rules` as effective_device_rules() gives them. kUnsupported: a rule makes an exception to an
// earlier one that is no rule about all; v1 would pass over it in silence.
Result<std::vector<DeviceWrite>> plan_devices_v1(const std::vector<DeviceRule>& rules);

// Through the v1 controller where it is mounted, else by a program of the v2 cgroup, in the place of
// the one that is there. kUnsupported: neither hierarchy is mounted.
Result<void> apply_device_rules(const std::vector<DeviceRule>& rules,
                                const ContainerCgroup& cgroup);

}  // namespace stasis::cgroup
