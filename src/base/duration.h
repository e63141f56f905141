// Lengths of time as people type them, in the notation of Go's flags: "300ms", "1.5h", "1m30s".
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace stasis {

// Numbers, each with a unit: ns, us (µs), ms, s, m, h; a sign may come first. "0" needs no unit.
// Nothing for any other text, and beyond 2^63 ns.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace stasis
