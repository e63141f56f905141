#include "runtime/version.h"

#include <fmt/format.h>
#include <seccomp.h>

namespace stasis::runtime {

std::string version_text() {
  const scmp_version* seccomp = ::seccomp_version();
  return fmt::format("stasis version {}\nspec: {}\nlibseccomp: {}.{}.{}", kVersion, kOciVersion,
                     seccomp->major, seccomp->minor, seccomp->micro);
}

}  // namespace stasis::runtime
