// restore: from flags and a bundle to the engine, and to a running container.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/console.h"
#include "runtime/environment.h"
#include "runtime/run.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

struct RestoreRequest {
  std::string id;
  std::string image_path;
  std::string bundle = ".";
  std::string console_socket, pidfd_socket, pid_file;
  Attachment attachment = Attachment::kAttached;
  RootChange root_change = RootChange::kPivot;
  Subreaper subreaper = Subreaper::kBecome;
  bool shell_job = false;
  bool empty_network = false;  // the network namespace is the caller's hooks' business
};

// The steps of a restore, one a line, once the image is found intact and fit for this machine.
// Changes nothing.
Result<std::string> describe_restore(const RestoreRequest& request);

// Gives the exit status of the restored pid 1, or 0 when detached.
Result<int> restore_container(const StateStore& store, const RestoreRequest& request);

}  // namespace stasis::runtime
