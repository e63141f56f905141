// Writes a checkpoint image: bulk data first, wherever the caller wants it inside ranges that it
// allocated, then the description of the container. Layout: docs/IMAGE-FORMAT.md.
//
// Under its final name an image is complete: until finish() has synced everything, the file has no
// name at all (O_TMPFILE), so that a killed checkpoint leaves nothing behind.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/rollback.h"
#include "base/unique_fd.h"
#include "image/summary.h"
#include "model/container.h"

namespace stasis::image {

// Asked last, when all that is left is giving the file its name: an Error drops the image.
using MayPublish = std::function<Result<void>()>;

// Not thread safe, except write_data() on ranges that do not overlap.
class ImageWriter {
 public:
  // Makes `directory` and its parents (0755). kConflict: the directory holds an image already.
  static Result<ImageWriter> create(const std::string& directory);
  // Drops the image unless finish() has published it, and the directories that were made for it.
  ~ImageWriter();
  ImageWriter(ImageWriter&& other) noexcept;
  ImageWriter& operator=(ImageWriter&&) = delete;

  // Reserves a range of the data area and gives its data_offset, a multiple of 4096. `bytes` is
  // rounded up to that; what is never written reads as zero. Touches nothing on disk.
  Result<std::uint64_t> allocate(std::uint64_t bytes);

  // Writes inside allocated ranges; a later write over the same bytes wins. A full disk is an
  // Error with ENOSPC that names the file and the bytes of data wanted in all.
  Result<void> write_data(std::uint64_t data_offset, std::span<const std::byte> bytes);

  // For pwrite, splice or copy_file_range straight into the data area (by any process; the
  // descriptor is open for reading and writing, with no O_APPEND). Stay inside allocated ranges.
  int fd() const { return file_.get(); }
  std::uint64_t file_offset(std::uint64_t data_offset) const;

  // Encodes `container` (its info.uuid is replaced by the image's own), checksums the data area on
  // all CPUs, syncs, and publishes the file as DIRECTORY/checkpoint.img (0644 less the umask).
  // kConflict: another image appeared there meanwhile; it is left untouched.
  // kInvalidArgument: the container breaks a rule of the format, which the message names.
  // All writes to the data area, also those of other processes, must have ended.
  Result<ImageSummary> finish(const model::Container& container,
                              const MayPublish& may_publish = {}) &&;

  std::string uuid() const;  // 36 characters

 private:
  using Uuid = std::array<std::uint8_t, 16>;

  ImageWriter(std::string path, UniqueFd directory, UniqueFd file, std::string temporary_name,
              const Uuid& uuid, Rollback made_directories);
  Result<void> write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  Result<void> publish();
  Result<void> sync_and_publish(const MayPublish& may_publish);

  std::string path_;  // the final one, for messages
  UniqueFd directory_;
  UniqueFd file_;
  std::string temporary_name_;  // "" when the file has none (O_TMPFILE), or no longer
  Uuid uuid_;
  std::uint64_t data_bytes_ = 0;
  Rollback made_directories_;
};

// Takes back an image that was published a moment ago; quiet.
void unpublish(const std::string& directory);

}  // namespace stasis::image
