// Fills a file with what an image holds of it.
#pragma once

#include "base/result.h"
#include "image/reader.h"
#include "model/data.h"

namespace stasis::restore {

// `fd` is open for writing; the file is empty or its holes are zero. ENOSPC: its file system is
// smaller than at the checkpoint.
Result<void> fill_file(const image::ImageReader& image, const model::Content& content, int fd);

}  // namespace stasis::restore
