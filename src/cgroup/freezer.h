// The two cgroup freezers: v2 cgroup.freeze and cgroup.events (Linux 5.2,
// Documentation/admin-guide/cgroup-v2.rst), v1 freezer.state
// (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst). A directory is given by its path.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cgroup/hierarchy.h"

namespace stasis::cgroup {

enum class FreezerState { kThawed, kFreezing, kFrozen };

// v1 freezer.state.
Result<FreezerState> parse_freezer_state(std::string_view text);
// v2 cgroup.events: the "frozen" line. Absent before Linux 5.2: then the answer is kThawed.
Result<FreezerState> parse_events_frozen(std::string_view text);

bool has_freezer(Version version, const std::string& directory);
Result<FreezerState> read_freezer(Version version, const std::string& directory);
Result<void> request_freeze(Version version, const std::string& directory);
Result<void> request_thaw(Version version, const std::string& directory);

// Freezes and waits; kTimeout after `limit`, thawed again.
Result<void> freeze_and_wait(Version version, const std::string& directory,
                             std::chrono::milliseconds limit);

}  // namespace stasis::cgroup
