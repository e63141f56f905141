// Copies the contents of files into an image: what is not a hole and not zero.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "image/writer.h"
#include "model/data.h"

namespace stasis::checkpoint {

struct FileToCopy {
  int fd = -1;  // open for reading; its offset moves
  std::uint64_t size = 0;
  model::Content* content = nullptr;  // gets its extents; its size is left alone
};

// Nobody writes to the files meanwhile.
Result<void> copy_file_contents(const std::vector<FileToCopy>& files, image::ImageWriter& image);

}  // namespace stasis::checkpoint
