// checkpoint: from flags and the container's state to the engine, and back to the container's
// state.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

struct CheckpointRequest {
  std::string id;
  std::string image_path;
  std::string work_path;  // has no meaning here
  bool leave_running = false;
  bool tcp_established = false;
  bool external_unix_sockets = false;
  bool shell_job = false;
  bool file_locks = false;
  bool dry_run = false;
};

// Gives what is to be printed: the report of a dry run, else nothing. Without leave_running the
// container is "stopped" afterwards, and can be deleted.
Result<std::string> checkpoint_container(const StateStore& store, const CheckpointRequest& request);

}  // namespace stasis::runtime
