// Sets of CPUs and memory nodes as the kernel's files have them: "0-3,8".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace stasis::runtime {

using BitSet = std::vector<std::uint64_t>;  // bit n of word n/64

// Nothing for what is no such list, or has a number of `limit` or more.
std::optional<BitSet> parse_bit_list(std::string_view text, unsigned limit);

}  // namespace stasis::runtime
