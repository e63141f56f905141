// Small steps on sockets that several workloads take.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stasis::workload {

// What is in the receive queue now, or "errno N".
std::string take(int fd);
void give(int fd, std::string_view text);
// An option with an int for a value.
std::int64_t option(int fd, int level, int name);

}  // namespace stasis::workload
