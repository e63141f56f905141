// Memory of a checkpointed process, read from its image.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "image/reader.h"
#include "model/memory.h"

namespace stasis::image {

// `length` bytes at `address`; untouched anonymous memory is zero. Nothing where the range is not
// mapped or its contents lie outside the image (file mappings that were never written to).
Result<std::optional<std::string>> read_memory(const ImageReader& image,
                                               const model::AddressSpace& memory,
                                               RemoteAddr address, std::uint64_t length);

}  // namespace stasis::image
