// What the collectors of single file kinds share: the open file descriptions found so far, and
// where findings go. One kind is one file fd_KIND.cc (or sockets, pipes ...); fd_kinds.h lists
// them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <sys/stat.h>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "checkpoint/blocker.h"
#include "checkpoint/held_connections.h"
#include "checkpoint/objects.h"
#include "model/container.h"
#include "proc/fd_info.h"
#include "proc/fd_link.h"
#include "proc/mountinfo.h"
#include "proc/proc_dir.h"

namespace stasis::checkpoint {

// What the user allowed on the command line.
struct FileOptions {
  bool tcp_established = false;  // --tcp-established
  bool ext_unix_sk = false;      // --ext-unix-sk
  bool shell_job = false;        // --shell-job
  bool file_locks = false;       // --file-locks
  // Afterwards the processes end: what TCP connections receive from now on is not for them, nor is
  // what is typed at their console.
  bool processes_end = false;
};

// Whether a process comes from the container's init, or from one that `exec` brought in beside it.
enum class Origin { kInit, kExec };

// A process whose descriptors are collected. The pidfd is borrowed.
struct FileOwnerProcess {
  HostPid host;
  NsPid pid;
  int pidfd = -1;
  std::string comm;
  Origin origin = Origin::kInit;
  // fcntl(2) F_GETFD, called by the process itself. Without it /proc/PID/fdinfo is believed.
  std::function<Result<std::int64_t>(int fd)> get_fd_flags;
};

// An open file description; its index is that of Container::open_files.
struct CollectedFile {
  UniqueFd fd;  // a duplicate of our own: whatever is changed through it is changed for its owners
  struct stat status {};
  proc::FdInfo info;
  proc::FdLink link;
  // Where it was met first.
  HostPid host;
  NsPid pid;
  std::string comm;
  std::string where;  // "fd 7", "a descriptor in the queue of fd 7"
  // The lowest of the numbers 0 to 2 under which any process has it.
  std::optional<int> stdio;
  // kExec: no process that comes from init has it.
  Origin origin = Origin::kInit;
};

class FileContext {
 public:
  FileContext(model::Container& described, FileOptions allowed)
      : container(described), options(allowed) {}

  model::Container& container;
  FileOptions options;
  // Of shared memory and deleted files; without one, both are blockers.
  ObjectRegistry* objects = nullptr;
  std::optional<proc::ProcDir> init;
  UniqueFd root;                    // the container's "/", O_PATH
  UniqueFd network;                 // its network namespace
  std::string root_path;            // how the kernel names `root` to us; "" for "/"
  std::vector<proc::Mount> mounts;  // of the container
  std::unordered_map<HostPid, NsPid> processes;
  std::vector<CollectedFile> files;
  std::vector<Blocker> blockers;
  HeldConnections connections;

  model::OpenFile& model_of(std::uint32_t file) { return container.open_files[file]; }

  // The description behind `fd` (which is taken over when it is new, else closed). A new one is
  // described at once by its kind.
  Result<std::uint32_t> find_or_add(CollectedFile found);

  // Descriptions of this inode.
  std::vector<std::uint32_t> find_by_inode(dev_t device, ino_t inode) const;

  void block(std::uint32_t file, std::string what, std::string advice);
  // As block(), unless the same has been said of the file.
  void block_once(std::uint32_t file, std::string what, std::string advice);

  // The file comes from outside of the container. `description` names it in messages. Whether it
  // can be restored is told when all processes are known: finish_outside_files().
  void mark_outside(std::uint32_t file, std::string description);

  bool is_in_container(std::int32_t mount_id) const { return mount_ids_.contains(mount_id); }
  void set_mounts(std::vector<proc::Mount> found);
  // The path as processes in the container write it.
  std::string path_in_container(const std::string& seen) const;
  // A pid as the kernel told it to us, as the container sees it; nothing when it lives outside.
  std::optional<NsPid> to_ns(HostPid pid) const;
  // The same for a process group, which may live on without the process it is named after.
  std::optional<NsPid> group_to_ns(HostPid group) const;

 private:
  Result<std::optional<std::uint32_t>> find(int fd, const std::vector<std::uint32_t>& same_inode,
                                            std::size_t& insert_at) const;

  std::set<std::int32_t> mount_ids_;
  // By inode: files ordered by kcmp(2).
  std::map<std::pair<dev_t, ino_t>, std::vector<std::uint32_t>> by_inode_;
};

}  // namespace stasis::checkpoint
