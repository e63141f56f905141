// System V IPC: segments, semaphore sets and message queues of the container's IPC namespace; POSIX
// message queues, which cannot be saved.
//
//   IpcCollector::create, ask_init() in the first process, ask_process() in each, then finish().
//
// Two things only a process of the container can be asked: pids as its pid namespace has them, and
// what a process would give back to semaphores at its end (checkpoint/semaphore_undo.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "checkpoint/blocker.h"
#include "checkpoint/objects.h"
#include "checkpoint/seized_container.h"
#include "checkpoint/tasks.h"
#include "model/container.h"

namespace stasis::checkpoint {

class IpcCollector {
 public:
  // Lists what is there. Of a namespace that processes outside of `all` use too nothing is the
  // container's own; then only what it has attached counts, as a blocker of finish(). `container`
  // and `blockers` outlive the collector.
  static Result<IpcCollector> create(SeizedContainer& all, model::Container& container,
                                     std::vector<Blocker>& blockers);

  // Through the courier in the leader of the first process, then of every one.
  Result<void> ask_init(courier::Courier& courier);
  Result<void> ask_process(SeizedProcess& process, courier::Courier& leader);

  // After all address spaces were collected: adds the segments to `objects`.
  Result<void> finish(ObjectRegistry& objects);

 private:
  IpcCollector(UniqueFd ns, model::Container& container, std::vector<Blocker>& blockers)
      : namespace_(std::move(ns)), container_(&container), blockers_(&blockers) {}

  Result<void> list();
  Result<void> list_messages();
  Result<void> refuse_posix_queues();
  Result<bool> is_shared(const SeizedContainer& all, const std::string& own) const;
  Result<void> refuse_other_namespaces(SeizedContainer& all, const std::string& own);
  Result<std::uint32_t> memory_of(model::ShmSegment& segment, ObjectRegistry& objects);
  void block(std::string what, std::string advice);

  UniqueFd namespace_;
  model::Container* container_;
  std::vector<Blocker>* blockers_;
  bool shared_ = false;
  std::vector<int> segment_indexes_;     // what SHM_STAT_ANY takes, as Ipc::segments
  std::vector<SeizedProcess*> undoers_;  // processes that have adjustments
};

}  // namespace stasis::checkpoint
