// Reading the limits that hold in a cgroup. Used inside src/cgroup only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cgroup/resources.h"

namespace stasis::cgroup {

// One number of a control file, "max" read as -1. Nothing for anything else.
std::optional<std::int64_t> parse_limit(std::string_view text);

// What plan_limits() needs to know for `limits`, and no more: usually nothing at all.
// `memory` and `cpu`: the directories of these controllers; "": not here.
PresentLimits read_present_limits(const Limits& limits, VersionOf version_of,
                                  const std::string& memory, const std::string& cpu);

}  // namespace stasis::cgroup
