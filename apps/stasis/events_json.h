// The lines that `stasis events` prints: the JSON of runc's events, with its member names.
#pragma once

#include <string>

#include "runtime/events.h"

namespace stasis::cli {

std::string statistics_event_json(const std::string& id, const runtime::ContainerStatistics& all);
std::string oom_event_json(const std::string& id);

}  // namespace stasis::cli
