// Where bulk bytes (memory pages, file contents) of a container lie in the image's data area.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace stasis::model {

inline constexpr std::uint64_t kPageSize = 4096;

// `length` bytes of an object from `object_offset` on are stored at `data_offset` of the data area.
// What no extent covers is zero (memory: never touched, or for private file mappings: as the file
// has it). Extents of one object are sorted and do not overlap. For memory all three are multiples
// of kPageSize and `object_offset` is the virtual address.
// Two processes whose extents name the same `data_offset` shared those pages copy-on-write.
struct DataExtent {
  std::uint64_t object_offset = 0;
  std::uint64_t length = 0;
  std::uint64_t data_offset = 0;
  auto operator<=>(const DataExtent&) const = default;
};

// A whole object: its size and the extents that are not holes.
struct Content {
  std::uint64_t size = 0;
  std::vector<DataExtent> extents;
  bool operator==(const Content&) const = default;
};

// Short byte strings that live in the metadata itself: socket queues, pipe contents.
using Bytes = std::vector<std::uint8_t>;

}  // namespace stasis::model
