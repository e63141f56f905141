// What the restorers of single file kinds share. One kind is one file fd_KIND.cc (or sockets, pipes
// ...); fd_kinds.h lists them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/container.h"

namespace stasis::restore {

// Where files come from; all borrowed.
struct FileSources {
  int root = -1;                            // "/" of the container, O_PATH
  int network = -1;                         // its network namespace
  std::array<int, 3> stdio = {-1, -1, -1};  // the caller's, for files that came from outside
};

class FileContext {
 public:
  FileContext(const model::Container& described, const FileSources& from);

  const model::Container& container;
  const FileSources& sources;
  std::vector<UniqueFd> files;  // by index of Container::open_files

  // Ends of connections that exist only until a socket's queue was filled through them, by socket.
  std::map<std::uint32_t, UniqueFd> feeders;

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
