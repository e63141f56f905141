// The flags of areas, read while their processes run.
//
// Only /proc/PID/smaps tells them, and reading it walks every page table: about 12 ms for 1 GiB in
// 4 KiB pages, which would be most of a stop. So they are read just before the stop and once more
// after it; in the stop, /proc/PID/maps (0.1 ms) shows what has moved meanwhile.
//
//   EarlyAreas(read_smaps())           of each large process, last of all before the stop
//   EarlyAreas::details_of(maps)       in the stop
//   confirms(used, read_smaps())       after it: did what was used still hold?
#pragma once

#include <optional>
#include <vector>

#include "proc/smaps.h"

namespace stasis::checkpoint {

class EarlyAreas {
 public:
  explicit EarlyAreas(std::vector<proc::MappingDetail> areas) : areas_(std::move(areas)) {}

  // The areas `now` with the flags that they had before; their sizes are zeros. An area may have
  // grown, shrunk or been split: the kernel keeps the flags then, and merges only areas of the same
  // flags. Nothing when there is one that was not there before.
  std::optional<std::vector<proc::MappingDetail>> details_of(
      const std::vector<proc::Mapping>& now) const;

 private:
  std::vector<proc::MappingDetail> areas_;
};

// Whether the areas `used` still have the flags that were taken for theirs in the stop, by what
// `now` shows. False when one is gone: nobody can tell any more.
bool confirms(const std::vector<proc::MappingDetail>& used,
              const std::vector<proc::MappingDetail>& now);

}  // namespace stasis::checkpoint
