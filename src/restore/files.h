// Opens every open file description of an image once, in the controller; they are then sent into
// the tasks that have them.
//
//   FileRestorer restorer(container, sources);
//   STASIS_ASSIGN(auto files, restorer.open_all());        // [i] is Container::open_files[i]
//   ... tasks exist, sessions and groups exist, fd tables are filled ...
//   STASIS_TRY(restorer.add_task_steps(process, batch));   // what only the task itself can do
//
// Before open_all(): the mounts of the container, its tmpfs contents, its network interfaces.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "courier/batch.h"
#include "model/container.h"
#include "restore/file_context.h"

namespace stasis::restore {

class FileRestorer {
 public:
  // `container` outlives the restorer; the descriptors of `sources` are borrowed.
  FileRestorer(const model::Container& container, const FileSources& sources)
      : container_(container), sources_(sources) {}

  // All or nothing. May use helper threads; all have ended when it returns. Errors name the file
  // and a process that has it.
  Result<std::vector<UniqueFd>> open_all();

  // Appends to `batch` what has to run in `process` once its descriptors are in place.
  Result<void> add_task_steps(const model::Process& process, courier::SyscallBatch& batch) const;

 private:
  const model::Container& container_;
  FileSources sources_;
};

}  // namespace stasis::restore
