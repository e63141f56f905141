// The state of containers under --root: one directory each, ROOT/ID, holding
//   state.json   the record (oci::ContainerRecord), replaced atomically
//   config.json  the configuration that the container was created with
//   exec.fifo    while it is created and not started
// The lock of a container is flock(2) on its directory. Lock order: one container at a time.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "oci/state.h"

namespace stasis::runtime {

inline constexpr const char* kExecFifo = "exec.fifo";

// What a command does to a container. Reading takes no lock: hooks run under the lock and may ask
// for the state, and a container whose start hangs must be killable.
enum class Access { kRead, kChange };

// A container's directory; locked while this object lives when it was opened for changing.
class StateDirectory {
 public:
  StateDirectory(UniqueFd dir, std::string path) : dir_(std::move(dir)), path_(std::move(path)) {}

  int dir_fd() const { return dir_.get(); }
  const std::string& path() const { return path_; }

  Result<oci::ContainerRecord> read_record() const;
  Result<void> write_record(const oci::ContainerRecord& record) const;
  Result<std::string> read_config() const;
  Result<void> write_config(const std::string& text) const;
  bool has_exec_fifo() const;
  Result<void> make_exec_fifo() const;
  Result<void> remove_exec_fifo() const;
  // For children of this process: closes the descriptor, and with it this process's copy of the
  // lock.
  void abandon() { dir_.reset(); }
  // Removes the directory and all in it.
  Result<void> remove() const;

 private:
  Result<void> write_file(const std::string& name, std::string_view text) const;

  UniqueFd dir_;
  std::string path_;
};

class StateStore {
 public:
  explicit StateStore(std::string root) : root_(std::move(root)) {}
  const std::string& root() const { return root_; }

  std::string path_of(const std::string& id) const { return root_ + "/" + id; }

  // Makes the directory of a new container, or takes one that somebody was killed over before it
  // had a state file. kConflict: the id is in use. kInvalidArgument: bad id.
  Result<StateDirectory> create(const std::string& id) const;
  // kNotFound "container 'x' does not exist".
  Result<StateDirectory> open(const std::string& id, Access access) const;
  // Ids, sorted. kNotFound: there is no root directory.
  Result<std::vector<std::string>> list() const;

 private:
  Result<void> make(const std::string& path) const;

  std::string root_;
};

// For rollback: removes a container's directory by its path and says nothing.
void remove_state_quietly(const std::string& path);
// The same for one without a state file that nobody has locked.
void remove_abandoned_state(const std::string& path);

}  // namespace stasis::runtime
