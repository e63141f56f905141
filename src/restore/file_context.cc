#include "restore/file_context.h"

#include <variant>

#include <fmt/format.h>

namespace stasis::restore {

FileContext::FileContext(const model::Container& described, const FileEnvironment& where)
    : container(described),
      environment(where),
      files(described.open_files.size()),
      file_of_socket_(described.sockets.size()) {
  for (std::uint32_t file = 0; file < container.open_files.size(); ++file) {
    const auto* socket = std::get_if<model::SocketFile>(&container.open_files[file].detail);
    if (socket != nullptr) file_of_socket_[socket->socket] = file;
  }
}

std::string FileContext::place(std::uint32_t file) const {
  for (const auto& process : container.processes) {
    for (const auto& entry : process.fds) {
      if (entry.open_file == file) {
        return fmt::format("fd {} of pid {}", entry.fd, process.pid.value);
      }
    }
  }
  return "a descriptor in a queue";
}

}  // namespace stasis::restore
