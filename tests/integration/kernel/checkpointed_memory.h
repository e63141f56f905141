// Takes the memory of stopped processes into an image, and puts it into fresh children of the test,
// registers included, so that they go on.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "checkpoint/memory.h"
#include "image/reader.h"
#include "memory/pre_copy.h"

namespace stasis::test {

struct SavedMemory {
  memory::PageStatistics statistics;
  memory::PreCopyStatistics pre_copy;
  std::chrono::nanoseconds stop_time{0};
  std::vector<checkpoint::Blocker> blockers;
};
// Saves the memory of all processes and the registers of their leaders as DIRECTORY/checkpoint.img.
// They go on afterwards.
enum class When { kInTheStop, kBefore };
Result<SavedMemory> save_memory(const std::vector<HostPid>& processes, const std::string& directory,
                                When copy = When::kInTheStop);

// Makes all processes of the image, under their old numbers: the first one from a fresh fork of the
// test, the others from the first one. Compares their areas with the image, gives them `fds` (of
// the test, under the same numbers) and lets them go on.
Result<void> rebuild(const image::ImageReader& image, const std::vector<int>& fds);

}  // namespace stasis::test
