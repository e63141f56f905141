#include "sys/entropy.h"

#include <sys/random.h>

#include "base/check.h"
#include "sys/call.h"

namespace stasis::sys {

Result<void> random_bytes(std::span<std::byte> into) {
  STASIS_CHECK(into.size() <= 256, "getrandom gives up to 256 bytes at once");
  if (retry([&] { return ::getrandom(into.data(), into.size(), 0); }) < 0) {
    return last_error("getrandom");
  }
  return {};
}

}  // namespace stasis::sys
