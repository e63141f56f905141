// What a finished or opened image is made of: sizes for reports, and what finishing it cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace stasis::image {

// The name of the one file in an image directory.
inline constexpr const char* kFileName = "checkpoint.img";

struct ImageSummary {
  std::string uuid;  // 36 characters
  std::uint64_t file_bytes = 0;
  std::uint64_t data_bytes = 0;      // the data area, a multiple of 4096
  std::uint64_t metadata_bytes = 0;  // encoded descriptions: host facts and container
  // Set by ImageWriter::finish only.
  std::chrono::nanoseconds encode_time{0};
  std::chrono::nanoseconds checksum_time{0};
  std::chrono::nanoseconds sync_time{0};  // what syncing took beyond that
};

}  // namespace stasis::image
