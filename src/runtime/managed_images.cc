#include "runtime/managed_images.h"

#include <fcntl.h>

#include "base/log.h"
#include "image/summary.h"
#include "sys/file.h"
#include "sys/node.h"

namespace stasis::runtime {
namespace {

constexpr const char* kInventory = "inventory.img";
constexpr const char* kPrevious = ".checkpoint.img.previous";

Result<UniqueFd> open_directory(const std::string& path) {
  return sys::open(path, O_PATH | O_DIRECTORY);
}

}  // namespace

bool manager_owns_images(const std::map<std::string, std::string>& annotations) {
  const auto manager = annotations.find("io.container.manager");
  return manager != annotations.end() &&
         (manager->second == "libpod" || manager->second == "cri-o");
}

Result<void> set_aside_image(const std::string& directory, Rollback& undo) {
  const std::string current = directory + "/" + image::kFileName;
  const std::string previous = directory + "/" + kPrevious;
  if (!sys::exists_at(sys::kCwd, current)) return {};
  // One that a killed checkpoint has left is older than the current one.
  static_cast<void>(sys::unlink_at(sys::kCwd, previous));
  STASIS_TRY(sys::rename_no_replace(sys::kCwd, current, previous)
                 .context("setting the previous image aside"));
  undo.push([current, previous] {
    static_cast<void>(sys::rename_no_replace(sys::kCwd, previous, current));
  });
  return {};
}

void complete_managed_image(const std::string& directory) {
  const auto made = [&]() -> Result<void> {
    STASIS_ASSIGN(const UniqueFd dir, open_directory(directory));
    static_cast<void>(sys::unlink_at(dir.get(), kPrevious));
    auto linked = sys::make_symlink_at(image::kFileName, dir.get(), kInventory);
    if (!linked && linked.error().kind() == ErrorKind::kConflict) return {};  // of an earlier image
    return linked;
  }();
  if (!made) {
    log(LogLevel::kWarning, "ignored: '{}/{}', which podman restores by: {}", directory, kInventory,
        made.error().message());
  }
}

}  // namespace stasis::runtime
