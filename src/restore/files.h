// Makes the open file descriptions of a container again, in the controller: each is opened once,
// whoever shares it. Handing them to the processes, and their numbers there, is not done here.
//
//   FileRestorer restorer(container, environment);
//   STASIS_TRY(restorer.open_all());
//   ... send restorer.open_files()[index] where Process::fds says so ...
//   STASIS_TRY(restorer.add_task_steps(process, batch));   // once the process's table is in place
//   STASIS_TRY(restorer.resume_connections());             // nothing can fail any more
//
// Before open_all(): the mounts of the container, its tmpfs contents, its network interfaces.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "courier/batch.h"
#include "model/container.h"
#include "restore/file_context.h"
#include "restore/task_steps.h"

namespace stasis::restore {

class FileRestorer {
 public:
  // `container` outlives the restorer. It is a checked image: indexes in it are in range.
  FileRestorer(const model::Container& container, const FileEnvironment& environment)
      : container_(container), environment_(environment) {}

  // Opens every open file description, or none. Helper threads may run meanwhile; all have ended
  // when it returns. Errors name the file and a process that has it. Nodes of unix sockets that it
  // made or replaced in the container's file system stay when it fails.
  Result<void> open_all();

  // By index into Container::open_files; after open_all().
  std::span<const UniqueFd> open_files() const { return files_; }

  // After open_all(): adds to `batch` what must run in the process itself: with its descriptor
  // table and credentials in place, and all processes, groups and sessions there. To be called for
  // every process that is not a zombie.
  Result<void> add_task_steps(const model::Process& process, courier::SyscallBatch& batch) const;

  // Last of all, when the restore can no longer fail: TCP connections go on. Until then they send
  // nothing, and closing them leaves the peer as it is.
  Result<void> resume_connections() const;

 private:
  const model::Container& container_;
  FileEnvironment environment_;
  std::vector<UniqueFd> files_;
  std::vector<SignalWatch> signal_watches_;
  std::vector<OwnedFile> owned_files_;
};

}  // namespace stasis::restore
