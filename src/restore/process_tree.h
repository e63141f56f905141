// Makes the processes and threads of a plan, inside the container that the runtime has prepared.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "courier/fd_channel.h"
#include "model/container.h"
#include "restore/live_task.h"
#include "restore/plan.h"

namespace stasis::restore {

// Makes a further process in the container, with this number: a child of this process that has
// its descriptors, and in all else is as init is.
using JoinFn = std::function<Result<HostPid>(NsPid pid)>;

// Where the tree starts.
struct TreeRoot {
  HostPid init;  // blocked, single-threaded, all privileges, in its namespaces
  JoinFn join;
  courier::CourierPages pages;  // where the courier's pages shall lie in every process
  int channel_number = 3;       // free in every process of the image
};

// Called for each process when its memory is due. `parent`: the process of the image that it was
// forked from with memory in place; none when what it has is not of the image. Returns the address
// of a `syscall` instruction in the new vDSO position.
using FillMemoryFn =
    std::function<Result<RemoteAddr>(LiveTask& task, const courier::FdChannel& channel,
                                     std::size_t process, std::optional<std::size_t> parent)>;

// A restored process: its leader and other threads in the order of the image.
struct LiveProcess {
  std::size_t process = 0;  // index into Container::processes
  std::vector<std::unique_ptr<LiveTask>> threads;
  LiveTask& leader() { return *threads.front(); }
};

class ProcessTree {
 public:
  // Runs all steps. What was made and is not let go when this object ends is killed, as it is when
  // the tracer ends (PTRACE_O_EXITKILL).
  static Result<ProcessTree> build(const model::Container& container, const Plan& plan,
                                   const TreeRoot& root, const FillMemoryFn& fill_memory);

  ProcessTree(ProcessTree&& other) noexcept = default;
  ProcessTree& operator=(ProcessTree&&) = delete;
  // The leaders last: the kernel reports their end after that of all their threads.
  ~ProcessTree() {
    for (LiveProcess& live : processes_) {
      while (!live.threads.empty()) live.threads.pop_back();
    }
  }

  // Processes that live on: no helpers, no zombies.
  std::vector<LiveProcess>& processes() { return processes_; }
  const courier::FdChannel& channel() const { return *channel_; }

  // All other threads of each process.
  Result<void> spawn_threads(const model::Container& container);

 private:
  friend class TreeBuilder;
  ProcessTree() = default;

  std::vector<LiveProcess> processes_;
  std::optional<courier::FdChannel> channel_;
};

}  // namespace stasis::restore
