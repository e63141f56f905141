// Opens a checkpoint image. The image is treated as hostile: nothing of it is believed before its
// checksum, its limits and its references were checked. Layout: docs/IMAGE-FORMAT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "image/summary.h"
#include "model/container.h"

namespace stasis::image {

// const functions may be called from several threads at once.
class ImageReader {
 public:
  // Opens DIRECTORY/checkpoint.img, verifies everything but the data area, decodes and validates
  // the container.
  // kNotFound: no such image. kCorruptImage: truncated, bad magic, a checksum that does not match
  // (the message names the part), or contents that break a rule of the format. kUnsupported:
  // another format version, or a required feature that this program does not know.
  static Result<ImageReader> open(const std::string& directory);

  const model::Container& container() const { return container_; }

  // Checks the whole data area, on all CPUs; kCorruptImage names the first bad chunk.
  Result<void> verify_data() const;

  // Reads inside the data area, without verifying: verify_data() comes first.
  Result<void> read_data(std::uint64_t data_offset, std::span<std::byte> into) const;

  // For preadv or mmap by any process: the descriptor is open for reading only.
  int fd() const { return file_.get(); }
  std::uint64_t file_offset(std::uint64_t data_offset) const;
  std::uint64_t data_bytes() const { return summary_.data_bytes; }

  ImageSummary summary() const { return summary_; }
  const std::string& path() const { return path_; }  // of the file

 private:
  ImageReader() = default;

  std::string path_;
  UniqueFd file_;
  ImageSummary summary_;
  std::vector<std::uint64_t> chunk_checksums_;
  model::Container container_;
};

}  // namespace stasis::image
