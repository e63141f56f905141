#include "image/host_check.h"

#include <string>

namespace stasis::image {

Result<void> check_host(const model::HostFacts& image, const model::HostFacts& here) {
  std::string differences;
  const auto add = [&differences](const std::string& text) {
    differences += (differences.empty() ? "" : "; ") + text;
  };
  if (image.architecture != here.architecture) {
    add(fmt::format("architecture {}, here {}", image.architecture, here.architecture));
  }
  if (image.page_size != here.page_size) {
    add(fmt::format("pages of {} bytes, here {}", image.page_size, here.page_size));
  }
  if (const std::uint64_t missing = image.xfeatures & ~here.xfeatures; missing != 0) {
    add(fmt::format("CPU state components {:#x} are missing here", missing));
  }
  if (image.vdso_hash != here.vdso_hash || image.vdso_bytes != here.vdso_bytes) {
    add(fmt::format("another vDSO than this kernel's (image from kernel {}, here {})", image.kernel,
                    here.kernel));
  }
  if (differences.empty()) return {};
  return fail(ErrorKind::kUnsupported, "the image was made on another kind of machine: {}",
              differences);
}

}  // namespace stasis::image
