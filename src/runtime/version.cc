#include "runtime/version.h"

#include <fmt/format.h>
#include <seccomp.h>

#include "runtime/commit.h"

namespace stasis::runtime {

std::string version_text() {
  const scmp_version* seccomp = ::seccomp_version();
  const std::string commit = *kCommit == '\0' ? "" : fmt::format("\ncommit: {}", kCommit);
  return fmt::format("stasis version {}{}\nspec: {}\nlibseccomp: {}.{}.{}", kVersion, commit,
                     kOciVersion, seccomp->major, seccomp->minor, seccomp->micro);
}

}  // namespace stasis::runtime
