#include "integration/support/trees.h"

#include <cstdlib>
#include <filesystem>

#include "integration/support/give_up.h"

namespace stasis::test {

std::string find_tree(const std::string& name) {
  const char* given = std::getenv("STASIS_CACHE");
  const std::string cache = given != nullptr ? given : STASIS_SOURCE_DIR "/build/cache";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(cache + "/rootfs", error)) {
    if (entry.path().filename().string().starts_with(name + "-")) return entry.path();
  }
  give_up("no root filesystem; run: scripts/make-rootfs " + name);
}

}  // namespace stasis::test
