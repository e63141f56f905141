// Copies memory while its processes run, so that a stop only has to copy what was written since.
//
//   open_userfaultfd()   in each process, whose leader is stopped for a moment
//   PreCopy::start()     watches for writes and copies, in rounds, while all runs
//   ... stop everything ...
//   collect_pages()      with pages_of(): what was not written since is not read again
//   ~PreCopy             the watching ends
//
// Watched are private anonymous areas of some size, by asynchronous write protection: a write costs
// the program one short page fault, and nothing ever waits for us. Memory that appears, moves or is
// mapped anew meanwhile is not watched and so counts as written. A device that writes into a page
// which it took hold of earlier (O_DIRECT) is not seen: the first round waits for such calls.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "courier/courier.h"
#include "image/writer.h"
#include "memory/page_collector.h"
#include "memory/ranges.h"
#include "sys/pagemap.h"

namespace stasis::memory {

// A userfaultfd of the courier's process; it has no trace of it left afterwards. kUnsupported, or
// EPERM: not to be had here, then everything is copied in the stop.
Result<UniqueFd> open_userfaultfd(courier::Courier& courier, int pidfd);

struct PreCopyTarget {
  HostPid host;
  UniqueFd userfaultfd;
};

struct PreCopyStatistics {
  int rounds = 0;
  std::uint64_t copied_bytes = 0;      // in all rounds
  std::uint64_t last_round_bytes = 0;  // about what a stop right afterwards would have to copy
};

class PreCopy {
 public:
  // Copies until little is written between two rounds, or another round would not help. Processes
  // and areas that cannot be watched are left out, also those that end meanwhile.
  static Result<PreCopy> start(std::vector<PreCopyTarget> targets, image::ImageWriter& image);

  PreCopy(PreCopy&&) noexcept = default;
  PreCopy& operator=(PreCopy&&) noexcept = default;
  // In small steps, between which the programs run.
  ~PreCopy();

  // nullptr: nothing of this process was copied.
  const PreCopiedPages* pages_of(HostPid host) const;
  const PreCopyStatistics& statistics() const { return statistics_; }

 private:
  struct Process {
    HostPid host;
    UniqueFd userfaultfd;
    UniqueFd memory;
    UniqueFd pagemap;
    PreCopiedPages pages;
  };

  // What was written since the last round, protected again.
  struct Written {
    Ranges all;
    Ranges copy;
  };

  PreCopy() = default;
  static Result<std::optional<Process>> watch(PreCopyTarget target);
  Result<std::uint64_t> copy_round(image::ImageWriter& image);
  Result<std::vector<sys::PageRange>> protect_written(const Process& process) const;
  bool may_be_shared(const Process& process, const AddressRange& range) const;
  Result<Written> find_written(const Process& process) const;
  static Result<Extents> give_slots(const Process& process, const Ranges& ranges,
                                    image::ImageWriter& image);

  std::vector<Process> processes_;
  PreCopyStatistics statistics_;
};

}  // namespace stasis::memory
