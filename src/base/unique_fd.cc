#include "base/unique_fd.h"

#include <unistd.h>

namespace stasis {

void UniqueFd::reset(int fd) noexcept {
  const int old = std::exchange(fd_, fd);
  if (old >= 0) ::close(old);
}

}  // namespace stasis
