// Collects what the descriptors of a container's stopped processes refer to. Nothing is disturbed:
// no data is taken out of a pipe or socket, no offset or flag moves, and what has to be set on the
// way is put back; only TCP connections are held, see take_connections().
//
//   STASIS_ASSIGN(auto collector, FileCollector::create(container, init, options));
//   for (each process) STASIS_TRY(collector.collect_process({host, pid, pidfd, comm}, process));
//   STASIS_TRY(collector.finish());
//   collector.blockers() ...
//
// Not here: files that are only mapped, and the exe link (src/memory).
#pragma once

#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "checkpoint/blocker.h"
#include "checkpoint/file_context.h"
#include "model/container.h"

namespace stasis::checkpoint {

class FileCollector {
 public:
  // `init` is any process of the container whose root, mounts and network are the container's.
  // `container` outlives the collector; open files and their details are added to it. So does
  // `objects`, to which memfds and deleted files are added; without it they are blockers.
  static Result<FileCollector> create(model::Container& container, HostPid init,
                                      FileOptions options, ObjectRegistry* objects = nullptr);

  // Fills `into.fds`. The process is stopped. Ptrace access to it is needed (CAP_SYS_PTRACE).
  Result<void> collect_process(const FileOwnerProcess& process, model::Process& into);

  // After all processes: connects what belongs together.
  Result<void> finish();

  // The TCP connections that finish() has described, still held. They must go on, or be closed
  // silently when the processes are dead, before any process runs.
  HeldConnections take_connections() { return std::move(context_->connections); }

  // Everything that cannot be saved. The description is complete only when this is empty.
  const std::vector<Blocker>& blockers() const { return context_->blockers; }

 private:
  explicit FileCollector(std::unique_ptr<FileContext> context) : context_(std::move(context)) {}

  std::unique_ptr<FileContext> context_;
};

}  // namespace stasis::checkpoint
