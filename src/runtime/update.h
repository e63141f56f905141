// update: other limits for a container that exists.
#pragma once

#include <string>

#include "base/result.h"
#include "oci/resources.h"
#include "oci/spec.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

// What `resources` do not name stays as it is, and so do device rules and a paused state. As for
// runc, which cannot tell 0 from nothing, 0 names nothing. kConflict: the container is stopped, or
// `rdt` has values and the container has no groups of the resctrl file system.
Result<void> update_container(const StateStore& store, const std::string& id,
                              oci::Resources resources, const oci::IntelRdt& rdt);

// "512m", "1g", "-1": bytes, with units of 1024 as engines take them ("k", "kb", "kib" ...).
Result<std::int64_t> parse_bytes(std::string_view text);

}  // namespace stasis::runtime
