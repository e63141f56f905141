// Checkpoints a container: stops it, collects everything, writes the image, and lets it go on or
// ends it. Whatever fails: the container goes on as it was and no image is left.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "cgroup/container_cgroup.h"
#include "checkpoint/blocker.h"
#include "checkpoint/file_context.h"
#include "checkpoint/tmpfs_mounts.h"
#include "image/summary.h"
#include "model/container.h"

namespace stasis::checkpoint {

enum class AfterCheckpoint {
  kStop,          // the container's processes are killed once the image is published
  kLeaveRunning,  // they go on, the very same ones
  kDryRun,        // no image; they go on
};

struct Request {
  HostPid init;  // pid 1 of the container
  const cgroup::ContainerCgroup* cgroup = nullptr;
  std::string image_directory;
  AfterCheckpoint after = AfterCheckpoint::kStop;
  FileOptions files;
  ConfiguredMounts mounts;
  model::NetworkOwner network = model::NetworkOwner::kOther;
  model::CheckpointInfo info;  // without uuid
  // Asked before each long phase and right before the image gets its name; an Error ends the
  // checkpoint. Empty: always wanted. What is published is finished, whatever happens.
  std::function<Result<void>()> still_wanted;
};

struct Report {
  image::ImageSummary image;  // zeros for a dry run
  std::string contents;       // of a dry run: what would be saved, several lines
  std::size_t processes = 0;
  std::size_t threads = 0;
  std::uint64_t private_bytes = 0;      // of memory that would be, or was, saved
  std::chrono::nanoseconds stopped{0};  // from the first task's stop to the last one's release
  std::chrono::nanoseconds total{0};
};

// kUnsupported with every Blocker in the message: something cannot be saved.
// kConflict: the directory holds an image already.
Result<Report> checkpoint(const Request& request);

}  // namespace stasis::checkpoint
