// The v1 devices controller: which devices a container may open and make
// (Documentation/admin-guide/cgroup-v1/devices.rst). v2 does this with BPF programs, which stasis
// does not load yet.
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
  char type = 'a';                           // 'a', 'b' or 'c'
  std::optional<std::int64_t> major, minor;  // absent: any
  std::string access = "rwm";
};

// "c 1:3 rwm", "b *:* m". All devices at once are "a", whatever the access: the kernel knows no
// other form for them.
std::string format_device_rule(const DeviceRule& rule);

// The rules of config.json and after them what every container may use: null, zero, full, random,
// urandom, tty, console, ptmx, ptys, and making nodes of any device.
std::vector<DeviceRule> with_default_devices(std::vector<DeviceRule> rules);

// Writes the rules in order. kUnsupported: there are rules and no v1 devices controller.
Result<void> apply_device_rules(const std::vector<DeviceRule>& rules,
                                const ContainerCgroup& cgroup);

}  // namespace stasis::cgroup
