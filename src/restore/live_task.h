// A task of the container that is being restored: traced, stopped, with a courier in it.
#pragma once

#include <memory>
#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "courier/courier.h"
#include "trace/remote_memory.h"
#include "trace/seized_task.h"

namespace stasis::restore {

// Not movable: the courier points at the other members.
class LiveTask {
 public:
  // `task` is stopped. `pages`: the courier's pages, when they are there already.
  static Result<std::unique_ptr<LiveTask>> take(trace::SeizedTask task,
                                                const courier::TaskIdentity& identity,
                                                std::optional<courier::CourierPages> pages);
  LiveTask(const LiveTask&) = delete;
  LiveTask& operator=(const LiveTask&) = delete;
  // Kills its process unless the task was let go: half restored it must not run.
  ~LiveTask();

  HostPid host() const { return task_.tid(); }
  const courier::TaskIdentity& identity() const { return identity_; }
  courier::Courier& courier() { return *courier_; }
  const trace::RemoteMemory& memory() const { return memory_; }
  trace::SeizedTask& task() { return task_; }

  // A child process or a thread of this one, with the wanted number and the same courier pages.
  Result<std::unique_ptr<LiveTask>> fork(NsPid pid, int exit_signal);
  // A process with the parent of this one.
  Result<std::unique_ptr<LiveTask>> fork_sibling(NsPid pid);
  Result<std::unique_ptr<LiveTask>> spawn_thread(NsPid tid);

  // The vDSO has moved: system calls are made there from now on.
  void set_syscall_instruction(RemoteAddr address);
  void set_pages(const courier::CourierPages& pages) { pages_ = pages; }
  // Puts the task's final registers in place; it stays stopped and the courier is gone.
  Result<void> finish();

 private:
  Result<std::unique_ptr<LiveTask>> make_process(NsPid pid, courier::SyscallBatch batch);
  LiveTask(trace::SeizedTask task, trace::RemoteMemory memory, courier::TaskIdentity identity)
      : task_(std::move(task)), memory_(std::move(memory)), identity_(identity) {}

  trace::SeizedTask task_;
  trace::RemoteMemory memory_;
  courier::TaskIdentity identity_;
  std::optional<courier::CourierPages> pages_;
  std::optional<courier::Courier> courier_;
};

}  // namespace stasis::restore
