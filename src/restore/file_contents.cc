#include "restore/file_contents.h"

#include <algorithm>
#include <span>
#include <vector>

#include "sys/file.h"

namespace stasis::restore {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

}  // namespace

Result<void> fill_file(const image::ImageReader& image, const model::Content& content, int fd) {
  STASIS_TRY(sys::set_file_size(fd, content.size));
  std::vector<std::byte> buffer(std::min<std::uint64_t>(kCopyBytes, content.size));
  for (const model::DataExtent& extent : content.extents) {
    // The last one may fill up the last page of the object.
    if (extent.object_offset >= content.size) break;
    const std::uint64_t length = std::min(extent.length, content.size - extent.object_offset);
    for (std::uint64_t done = 0; done < length;) {
      const auto part = std::span(buffer).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length - done)));
      STASIS_TRY(image.read_data(extent.data_offset + done, part));
      STASIS_TRY(sys::pwrite_all(fd, part, extent.object_offset + done));
      done += part.size();
    }
  }
  return {};
}

}  // namespace stasis::restore
