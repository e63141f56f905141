// System calls that a process of the container makes itself while its files are restored, because
// the kernel remembers the caller: SO_PEERCRED of unix sockets holds the pid of whoever connected,
// listened or made the pair.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "courier/batch.h"
#include "model/socket.h"
#include "restore/call_desk.h"

namespace stasis::restore {

struct Errand {
  model::SocketCredentials caller;  // effective ids as the controller sees them
  std::vector<int> fds;             // the caller gets duplicates while it acts
  // Adds the calls. `given`: the numbers of the duplicates. What is opened gets the numbers that
  // follow.
  std::function<void(courier::SyscallBatch& batch, std::span<const int> given)> add_calls;
  std::size_t opened = 0;  // how many descriptors the calls open
};

// The seam between the files and the process tree; tests of files have no processes.
class Errands {
 public:
  virtual ~Errands() = default;
  // Whether somebody can act under this pid: a process that lives, or a helper made for the moment.
  virtual bool has_caller(NsPid pid) const = 0;
  // Gives what the calls opened. The caller's descriptors are as before, its working directory may
  // have changed. In any thread whose CallDesk is desk().
  virtual Result<std::vector<UniqueFd>> run(const Errand& errand) = 0;
  // How the controller names a process that lives.
  virtual std::optional<HostPid> find_host_pid(NsPid pid) const = 0;
  virtual CallDesk& desk() = 0;
};

}  // namespace stasis::restore
