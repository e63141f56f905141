// What the restorers of single file kinds share. One kind is one file fd_KIND.cc (or sockets, pipes
// ...); fd_kinds.h lists them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "model/container.h"
#include "restore/errands.h"

namespace stasis::restore {

// What files are opened in. Everything is borrowed.
struct FileEnvironment {
  int root_fd = -1;  // O_PATH of the container's root, /proc/<init>/root
  HostPid init;      // a process in the container's namespaces: sockets are made in its network
  std::array<int, 3> stdio{0, 1, 2};  // the caller's descriptors, for model::ExternalFile
  int console = -1;                   // the slave of the new console terminal; -1: there is none
  int caller_terminal = -1;           // for terminals from outside of the container; -1: none
  // By index into the container's vectors, open for reading and writing.
  const std::vector<UniqueFd>* ghost_files = nullptr;
  const std::vector<UniqueFd>* shared_memory = nullptr;
  Errands* errands = nullptr;  // without: pids of SO_PEERCRED and SCM_CREDENTIALS read 0
};

class FileContext {
 public:
  FileContext(const model::Container& described, const FileEnvironment& where);

  const model::Container& container;
  const FileEnvironment& environment;
  UniqueFd network;             // the container's network namespace
  std::vector<UniqueFd> files;  // by index of Container::open_files

  // Ends of connections that exist only until a socket's queue was filled through them, by socket.
  std::map<std::uint32_t, UniqueFd> feeders;

  CallDesk* desk() const {
    return environment.errands == nullptr ? nullptr : &environment.errands->desk();
  }
  const model::OpenFile& model_of(std::uint32_t file) const { return container.open_files[file]; }
  // The open file of a socket; nothing when there is none (only in queues of dead sockets).
  std::optional<std::uint32_t> file_of_socket(std::uint32_t socket) const {
    return file_of_socket_[socket];
  }
  // "fd 7 of pid 12", the first that has the file; "a descriptor in a queue" when none does.
  std::string place(std::uint32_t file) const;

 private:
  std::vector<std::optional<std::uint32_t>> file_of_socket_;
};

}  // namespace stasis::restore
