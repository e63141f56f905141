// Reading containers: state, list, ps.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "oci/state.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

// The JSON that `state` prints.
Result<std::string> state_text(const StateStore& store, const std::string& id);

// Containers that vanish or cannot be read meanwhile are left out, with a warning.
Result<std::vector<oci::ListEntry>> list_containers(const StateStore& store);
// Columns ID, PID, STATUS, BUNDLE, CREATED, OWNER.
std::string list_table(const std::vector<oci::ListEntry>& entries);

// Host pids of all processes, sorted.
Result<std::vector<HostPid>> container_processes(const StateStore& store, const std::string& id);
// The lines of a `ps` output that concern the pids: its heading and those with one in column PID.
Result<std::string> filter_ps(std::string_view output, const std::vector<HostPid>& pids);

}  // namespace stasis::runtime
