// XXH3-64 (seed 0) of bytes, and of the data area in chunks on all CPUs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stasis::image {

inline constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << 20;

std::uint64_t checksum(std::span<const std::byte> bytes);
std::uint64_t checksum(std::string_view bytes);

// Of `length` bytes of the file at `offset`.
Result<std::uint64_t> checksum_range(int fd, std::uint64_t offset, std::uint64_t length);

inline std::uint64_t chunk_count(std::uint64_t data_bytes) {
  return (data_bytes + kChunkBytes - 1) / kChunkBytes;
}

// One checksum for each kChunkBytes of the `data_bytes` at `file_offset`; the last chunk may be
// shorter.
Result<std::vector<std::uint64_t>> checksum_chunks(int fd, std::uint64_t file_offset,
                                                   std::uint64_t data_bytes);

}  // namespace stasis::image
