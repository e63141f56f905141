// Whether an image can be restored on this machine at all; asked before anything is touched.
#pragma once

#include "base/result.h"
#include "model/container.h"

namespace stasis::image {

// kUnsupported with every difference that forbids a restore: another architecture or page size, CPU
// state components (xfeatures) that the image may use and `here` lacks, another vDSO.
Result<void> check_host(const model::HostFacts& image, const model::HostFacts& here);

}  // namespace stasis::image
