// The v2 way to decide which devices a container may use: a BPF program that the kernel asks
// (Documentation/admin-guide/cgroup-v2.rst, "Device controller").
#pragma once

#include <vector>

#include "base/result.h"
#include "cgroup/device_rules.h"
#include "sys/bpf.h"

namespace stasis::cgroup {

// Pure. `rules` as effective_device_rules() gives them, at most a few thousand. For each kind of
// access that is wanted the last rule that fits decides; all of them must be allowed.
std::vector<sys::BpfInstruction> build_device_program(const std::vector<DeviceRule>& rules);

// Loads and attaches the program. Whatever programs the cgroup has of its own are replaced; what
// ancestors forbid stays forbidden.
Result<void> attach_device_rules(const std::vector<DeviceRule>& rules, int cgroup_fd);

}  // namespace stasis::cgroup
