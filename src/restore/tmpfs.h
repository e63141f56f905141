// Puts back what was in the container's own tmpfs mounts.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "image/reader.h"

namespace stasis::restore {

// After the runtime has mounted everything in the namespaces of `init`, before files are opened.
// Makes the trees equal to the saved ones: what is there and was not is removed, but for mount
// points. kConflict: no tmpfs of the container's own is mounted where the image has one; one from
// outside is never touched.
Result<void> restore_tmpfs(const image::ImageReader& image, HostPid init,
                           std::vector<std::string>& warnings);

}  // namespace stasis::restore
