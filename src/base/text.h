// Text for people: sizes and quoting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stasis {

// "512 B", "1.5 KiB", "200.0 MiB".
std::string human_bytes(std::uint64_t bytes);

}  // namespace stasis
