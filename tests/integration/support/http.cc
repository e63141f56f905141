#include "integration/support/http.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <cstring>

#include "base/unique_fd.h"
#include "integration/support/give_up.h"
#include "integration/support/program.h"

namespace stasis::test {

std::string http_get(const std::string& socket_path, const std::string& target) {
  const UniqueFd fd(must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return "";
  const std::string request = "GET " + target + " HTTP/1.0\r\nHost: test\r\n\r\n";
  if (send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return "";
  std::string response;
  std::array<char, 4096> chunk{};
  for (ssize_t count = 0; (count = recv(fd.get(), chunk.data(), chunk.size(), 0)) > 0;)
    response.append(chunk.data(), static_cast<std::size_t>(count));
  const auto body = response.find("\r\n\r\n");
  return body == std::string::npos ? "" : response.substr(body + 4);
}

std::string wait_for_http(const std::string& socket_path, const std::string& target) {
  const auto deadline = std::chrono::steady_clock::now() + kLimit;
  while (std::chrono::steady_clock::now() < deadline) {
    if (std::string body = http_get(socket_path, target); !body.empty()) return body;
    poll(nullptr, 0, 2);  // a server tells nobody outside when it starts to listen
  }
  give_up("nobody answers HTTP at " + socket_path);
}

}  // namespace stasis::test
