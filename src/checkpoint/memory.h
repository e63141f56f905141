// Collects address spaces: areas, layout, the files and shared memory behind them, and pages.
//
//   per process: collect_address_space(); MemoryQuestions in a batch of the leader
//   then once:   save_pages(), ObjectRegistry::save_contents()
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "checkpoint/blocker.h"
#include "checkpoint/early_areas.h"
#include "checkpoint/objects.h"
#include "courier/courier.h"
#include "image/writer.h"
#include "memory/area.h"
#include "memory/page_collector.h"
#include "model/task.h"
#include "proc/proc_dir.h"
#include "trace/remote_memory.h"

namespace stasis::checkpoint {

// A process whose memory is collected; all borrowed. It is stopped.
struct ProcessView {
  NsPid pid;
  std::string comm;
  const proc::ProcDir& dir;  // /proc/PID
  const trace::RemoteMemory& memory;
  // Pages that the controller mapped into it: left out.
  std::optional<courier::CourierPages> courier;
  const memory::PreCopiedPages* pre_copied = nullptr;
  const EarlyAreas* early_areas = nullptr;  // none: the flags of areas are read now
};

// Areas, layout (but for brk) and exe link. What cannot be saved is added to `blockers`, and left
// out. Returns the areas whose flags are those of `early_areas`: to be confirmed once the process
// runs again. None when they were read now.
Result<std::vector<proc::MappingDetail>> collect_address_space(const ProcessView& process,
                                                               ObjectRegistry& objects,
                                                               model::AddressSpace& into,
                                                               std::vector<Blocker>& blockers);

// What only the process itself can ask: brk, dumpable, PR_GET_THP_DISABLE, membarrier.
class MemoryQuestions {
 public:
  // Adds the calls to a batch that will run in any thread of the process.
  static MemoryQuestions add_to(courier::SyscallBatch& batch);
  // After the batch ran.
  void take_answers(const courier::SyscallBatch& batch, model::AddressSpace& into) const;

 private:
  courier::SyscallBatch::Call brk_;
  courier::SyscallBatch::Call dumpable_;
  courier::SyscallBatch::Call thp_disable_;
  courier::SyscallBatch::Call membarrier_;
};

// The pages of all processes (`views[i]` belongs to `spaces[i]`, collected before).
Result<memory::PageStatistics> save_pages(const std::vector<ProcessView>& views,
                                          const std::vector<model::AddressSpace*>& spaces,
                                          image::ImageWriter& image);

}  // namespace stasis::checkpoint
