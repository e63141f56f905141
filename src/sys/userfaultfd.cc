#include "sys/userfaultfd.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include "sys/call.h"

namespace stasis::sys {
namespace {

// linux/userfaultfd.h of Linux 6.7; Debian 12's is older.
constexpr std::uint64_t kFeatureWpUnpopulated = 1 << 13;
constexpr std::uint64_t kFeatureWpAsync = 1 << 15;

}  // namespace

static_assert(kUserfaultfdFlags == (O_CLOEXEC | UFFD_USER_MODE_ONLY));

Result<void> enable_write_tracking(int userfaultfd) {
  uffdio_api api{};
  api.api = UFFD_API;
  api.features = kFeatureWpAsync | kFeatureWpUnpopulated;
  if (::ioctl(userfaultfd, UFFDIO_API, &api) != 0) return last_error("UFFDIO_API");
  return {};
}

Result<void> track_writes(int userfaultfd, std::uint64_t start, std::uint64_t end) {
  uffdio_register area{};
  area.range = {.start = start, .len = end - start};
  area.mode = UFFDIO_REGISTER_MODE_WP;
  if (::ioctl(userfaultfd, UFFDIO_REGISTER, &area) != 0) {
    return last_error("UFFDIO_REGISTER {:#x}-{:#x}", start, end);
  }
  return {};
}

Result<void> untrack_writes(int userfaultfd, std::uint64_t start, std::uint64_t end) {
  uffdio_range range{.start = start, .len = end - start};
  if (::ioctl(userfaultfd, UFFDIO_UNREGISTER, &range) != 0) {
    return last_error("UFFDIO_UNREGISTER {:#x}-{:#x}", start, end);
  }
  return {};
}

}  // namespace stasis::sys
