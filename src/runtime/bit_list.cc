#include "runtime/bit_list.h"

#include "base/parse.h"

namespace stasis::runtime {

std::optional<BitSet> parse_bit_list(std::string_view text, unsigned limit) {
  BitSet set;
  for (const auto range : split(text, ',')) {
    const auto ends = split(range, '-');
    const auto first = parse_number<unsigned>(ends.front());
    const auto last = parse_number<unsigned>(ends.back());
    if (!first || !last || ends.size() > 2 || *first > *last || *last >= limit) return std::nullopt;
    if (set.size() <= *last / 64) set.resize(*last / 64 + 1);
    for (unsigned bit = *first; bit <= *last; ++bit) set[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
  return set;
}

}  // namespace stasis::runtime
