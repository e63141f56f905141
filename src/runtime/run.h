// create and run.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/console.h"
#include "runtime/environment.h"
#include "runtime/rootless.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

enum class AfterExit { kDelete, kKeep };
enum class Subreaper { kBecome, kStay };

struct CreateRequest {
  std::string id;
  std::string bundle = ".";
  std::string console_socket, pidfd_socket, pid_file;
  RootChange root_change = RootChange::kPivot;
  Keyring keyring = Keyring::kNew;
  unsigned preserved_fds = 0;
  Rootless rootless = Rootless::kNo;
};

struct RunRequest {
  CreateRequest create;
  Attachment attachment = Attachment::kAttached;
  AfterExit after_exit = AfterExit::kDelete;
  Subreaper subreaper = Subreaper::kBecome;
};

// The container exists and its program waits for `start`.
Result<void> create_container(const StateStore& store, const CreateRequest& request);

// Gives the exit status of the program, or 0 when detached.
Result<int> run_container(const StateStore& store, const RunRequest& request);

// Written under a temporary name and renamed: whoever waits for the file never reads half a number.
Result<void> write_pid_file(const std::string& path, HostPid pid);

}  // namespace stasis::runtime
