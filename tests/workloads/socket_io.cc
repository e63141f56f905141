#include "workloads/socket_io.h"

#include <sys/socket.h>

#include <cerrno>

#include <fmt/format.h>

#include "workloads/workload.h"

namespace stasis::workload {

std::string take(int fd) {
  std::string text(4096, '\0');
  const ssize_t count = recv(fd, text.data(), text.size(), MSG_DONTWAIT);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return count < 0 ? fmt::format("errno {}", errno) : text;
}

void give(int fd, std::string_view text) {
  must(send(fd, text.data(), text.size(), MSG_NOSIGNAL), "send");
}

std::int64_t option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(fd, level, name, &value, &size);
  return value;
}

}  // namespace stasis::workload
