// Reads pages from the image straight into a task's memory: preadv(2) by the task itself.
#pragma once

#include <vector>

#include "base/result.h"
#include "courier/courier.h"
#include "image/reader.h"
#include "memory/extents.h"

namespace stasis::restore {

class PageFiller {
 public:
  // `image_fd`: the image's descriptor in the task.
  PageFiller(courier::Courier& courier, const image::ImageReader& image, int image_fd)
      : courier_(courier), image_(image), image_fd_(image_fd) {}

  // Extents that follow one another in the image are read by one call, wherever they go in memory.
  Result<void> add(const memory::Extents& extents);
  // MADV_DONTNEED: pages that are there and should not.
  Result<void> drop(memory::AddressRange range);
  // Runs what is left. Anything added before is in place only after it.
  Result<void> finish();

 private:
  Result<void> add_read(std::span<const model::DataExtent> run);

  struct Expected {
    courier::SyscallBatch::Call call;
    std::uint64_t bytes = 0;
  };
  courier::Courier& courier_;
  const image::ImageReader& image_;
  int image_fd_;
  courier::SyscallBatch batch_;
  std::size_t vectors_ = 0;
  std::vector<Expected> reads_;
};

}  // namespace stasis::restore
