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
  bool leave_running = false;
  bool tcp_established = false;
  bool external_unix_sockets = false;
  bool shell_job = false;
  bool file_locks = false;
  bool empty_network = false;  // what is in the network namespace is not the image's business
  int status_fd = -1;  // the caller's, gets one NUL byte when the checkpoint begins; -1: none
  bool dry_run = false;
};

// Gives what is to be printed: the report of a dry run, else nothing. Without leave_running nothing
// is left of the container afterwards but the image, as after `delete`.
Result<std::string> checkpoint_container(const StateStore& store, const CheckpointRequest& request);

}  // namespace stasis::runtime
