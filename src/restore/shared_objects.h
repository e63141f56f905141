// What several processes, mappings and descriptors of an image refer to, made once by the
// controller: files that are mapped, deleted files, shared memory.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "image/reader.h"
#include "model/container.h"

namespace stasis::restore {

// All descriptors stay owned here; the vectors have the indexes of the image.
struct SharedObjects {
  std::vector<UniqueFd> ghost_files;   // O_RDWR, content in place
  std::vector<UniqueFd> mapped_files;  // with their saved access mode
  std::vector<UniqueFd>
      shared_memory;  // O_RDWR; empty for SysV segments (make_ipc_objects makes them)
};

// `root_fd`: the container's root; tmpfs contents are in place. An error names the file, and what
// to do when the root file system is not the one of the checkpoint.
Result<SharedObjects> make_shared_objects(const image::ImageReader& image, int root_fd,
                                          std::vector<std::string>& warnings);

// Seals of memfds: after everything has been mapped.
Result<void> seal_memfds(const model::Container& container, const SharedObjects& objects);

}  // namespace stasis::restore
