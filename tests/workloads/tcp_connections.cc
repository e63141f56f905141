// Open TCP connections with both ends in the container, with data on its way in both directions.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/socket_io.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

struct Connection {
  int client = -1, server = -1;
};

// Waits for all of it.
std::string take_exactly(int fd, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    pollfd wait{fd, POLLIN, 0};
    if (poll(&wait, 1, 10'000) != 1) break;
    std::string piece(size - text.size(), '\0');
    const ssize_t count = recv(fd, piece.data(), piece.size(), MSG_DONTWAIT);
    if (count <= 0) break;
    text += piece.substr(0, static_cast<std::size_t>(count));
  }
  return text;
}

class TcpConnections : public Workload {
 public:
  void set_up() override {
    four_ = connect_over(AF_INET);
    six_ = connect_over(AF_INET6);
    full_ = connect_over(AF_INET);
    passed_ = connect_over(AF_INET);
    helper_ = std::make_unique<Helper>([this](char question) -> std::int64_t {
      return send(passed_.client, &question, 1, MSG_NOSIGNAL);
    });
    close(passed_.client);
    fill();
    queue_again();
    before_ = describe(four_) + describe(six_);
  }

  void verify() override {
    expect_equal("connections", before_, describe(four_) + describe(six_));
    for (const Connection& one : {four_, six_}) {
      expect_equal("to the server", "to the server", take_exactly(one.server, 13));
      expect_equal("to the client", "to the client", take_exactly(one.client, 13));
    }
    helper_->ask('h');
    expect_equal("from the child", "h", take_exactly(passed_.server, 1));
    expect(take_exactly(full_.server, sent_.size()) == sent_,
           "what the window of the receiver had held back");
    expect_equal("nothing more", "errno 11", take(full_.server));
    fill();
    queue_again();
  }

 private:
  static Connection connect_over(int family) {
    const int listener = must_fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    sockaddr_storage address{};
    socklen_t length = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    address.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET6) {
      reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr = in6addr_loopback;
    } else {
      reinterpret_cast<sockaddr_in*>(&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    must(bind(listener, name, length), "bind");
    must(listen(listener, 1), "listen");
    must(getsockname(listener, name, &length), "getsockname");
    Connection made;
    made.client = must_fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    must(connect(made.client, name, length), "connect");
    made.server = must_fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC), "accept");
    const int yes = 1;
    must(setsockopt(made.client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), "TCP_NODELAY");
    close(listener);
    return made;
  }

  // More than the receiver takes: the rest stays with the sender.
  void fill() {
    sent_.clear();
    while (true) {
      const std::string piece(10'000, static_cast<char>('a' + sent_.size() / 10'000 % 26));
      const ssize_t taken = send(full_.client, piece.data(), piece.size(), MSG_DONTWAIT);
      if (taken <= 0) break;
      sent_ += piece.substr(0, static_cast<std::size_t>(taken));
    }
  }

  void queue_again() const {
    for (const Connection& one : {four_, six_}) {
      give(one.client, "to the server");
      give(one.server, "to the client");
    }
  }

  static std::string name_of(int fd, int (*get)(int, sockaddr*, socklen_t*)) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    must(get(fd, reinterpret_cast<sockaddr*>(&address), &length), "the name of a socket");
    return fmt::format("{} {}", address.ss_family,
                       ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port));
  }
  static std::string describe(const Connection& one) {
    tcp_info info{};
    socklen_t size = sizeof info;
    must(getsockopt(one.client, IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
    return fmt::format("{} to {}: nodelay {} reuse {} state {} options {:#x} scales {} {}; ",
                       name_of(one.client, getsockname), name_of(one.client, getpeername),
                       option(one.client, IPPROTO_TCP, TCP_NODELAY),
                       option(one.client, SOL_SOCKET, SO_REUSEADDR), info.tcpi_state,
                       info.tcpi_options, static_cast<int>(info.tcpi_snd_wscale),
                       static_cast<int>(info.tcpi_rcv_wscale));
  }

  Connection four_, six_, full_, passed_;
  std::string sent_, before_;
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(TcpConnections, "tcp_connections");

// Connected to a server outside of the container, which the test is: on the loopback interface, at
// this port. Every "ping" is answered.
class TcpClient : public Workload {
 public:
  void set_up() override {
    fd_ = must_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(7654);
    must(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), "connect");
  }
  void verify() override {
    expect_equal("from outside", "ping", take_exactly(fd_, 4));
    give(fd_, "pong");
  }

 private:
  int fd_ = -1;
};

STASIS_WORKLOAD(TcpClient, "tcp_client");

}  // namespace
}  // namespace stasis::workload
