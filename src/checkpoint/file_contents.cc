#include "checkpoint/file_contents.h"

#include <algorithm>

#include "memory/page_copier.h"
#include "sys/memory_file.h"

namespace stasis::checkpoint {
namespace {

// What is not a hole, with slots in the image.
Result<memory::Extents> allocate_data(int fd, std::uint64_t size, image::ImageWriter& image) {
  memory::Extents extents;
  for (std::uint64_t at = 0; at < size;) {
    STASIS_ASSIGN(const auto range, sys::find_data(fd, at));
    if (!range) break;
    const std::uint64_t end = std::min(range->end, size);
    if (range->start >= end) break;
    STASIS_ASSIGN(const std::uint64_t slot, image.allocate(end - range->start));
    extents.push_back({range->start, end - range->start, slot});
    at = end;
  }
  return extents;
}

}  // namespace

Result<void> copy_file_contents(const std::vector<FileToCopy>& files, image::ImageWriter& image) {
  std::vector<memory::CopyJob> jobs;
  for (const FileToCopy& file : files) {
    STASIS_ASSIGN(file.content->extents, allocate_data(file.fd, file.size, image));
    jobs.push_back({file.fd, file.content->extents, memory::ZeroPages::kSkip});
  }
  STASIS_ASSIGN(const auto copied, memory::copy_pages(jobs, image));
  for (std::size_t i = 0; i < files.size(); ++i) {
    model::Content& content = *files[i].content;
    content.extents = memory::subtract(content.extents, copied.zero_ranges[i]);
  }
  return {};
}

}  // namespace stasis::checkpoint
