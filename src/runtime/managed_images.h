// Image directories that podman and CRI-O own. Both keep one image of a container in one place:
// they look for "inventory.img" there before a restore, which is the first file of their usual
// checkpoint program, and count on a second checkpoint to replace the first.
// Not here: everybody else's directories, into which a second checkpoint is refused.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "base/rollback.h"

namespace stasis::runtime {

// By the annotation "io.container.manager", which both write.
bool manager_owns_images(const std::map<std::string, std::string>& annotations);

// Moves an image out of the way of the next one. `undo` moves it back.
Result<void> set_aside_image(const std::string& directory, Rollback& undo);

// After the new image has its name: removes the one that was set aside, and makes the name that the
// manager looks for, as a symlink. Quiet but for a warning: the image is complete without it.
void complete_managed_image(const std::string& directory);

}  // namespace stasis::runtime
