// Listening TCP on both IP versions, and UDP.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include <fmt/format.h>

#include "workloads/socket_io.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

// Listeners on both IP versions, with options; connections are made anew each time.
class TcpListening : public Workload {
 public:
  void set_up() override {
    four_ = listening(AF_INET);
    six_ = listening(AF_INET6);
    before_ = describe(four_) + describe(six_);
  }
  void verify() override {
    expect_equal("listeners", before_, describe(four_) + describe(six_));
    for (const int listener : {four_, six_}) {
      sockaddr_storage address{};
      socklen_t length = sizeof address;
      must(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
      const int client =
          must_fd(socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
      must(connect(client, reinterpret_cast<sockaddr*>(&address), length), "connect");
      const int server = must_fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC), "accept");
      give(server, "hello");
      pollfd wait{client, POLLIN, 0};
      poll(&wait, 1, 5000);
      expect_equal("over TCP", "hello", take(client));
      // Without waiting for the last packets, so that no connection outlives this check.
      const linger at_once{1, 0};
      setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      close(client);
      close(server);
    }
  }

 private:
  static int listening(int family) {
    const int fd = must_fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    const int yes = 1;
    const int seconds = 77;
    must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), "SO_REUSEADDR");
    must(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes), "SO_KEEPALIVE");
    must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), "TCP_NODELAY");
    must(setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds), "TCP_KEEPIDLE");
    sockaddr_storage address{};
    address.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET6) {
      must(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes), "IPV6_V6ONLY");
      reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr = in6addr_loopback;
    } else {
      reinterpret_cast<sockaddr_in*>(&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    must(bind(fd, reinterpret_cast<sockaddr*>(&address),
              family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)),
         "bind");
    must(listen(fd, 5), "listen");
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
  }
  static std::string describe(int fd) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    must(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
    return fmt::format("family {} port {} reuse {} keepalive {} nodelay {} idle {} listens {}; ",
                       address.ss_family, ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port),
                       option(fd, SOL_SOCKET, SO_REUSEADDR), option(fd, SOL_SOCKET, SO_KEEPALIVE),
                       option(fd, IPPROTO_TCP, TCP_NODELAY), option(fd, IPPROTO_TCP, TCP_KEEPIDLE),
                       option(fd, SOL_SOCKET, SO_ACCEPTCONN));
  }
  int four_ = -1, six_ = -1;
  std::string before_;
};

STASIS_WORKLOAD(TcpListening, "tcp_listening");

class Udp : public Workload {
 public:
  void set_up() override {
    bound_ = must_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(bound_, reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
    socklen_t length = sizeof address;
    must(getsockname(bound_, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
    port_ = ntohs(address.sin_port);
    connected_ = must_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    must(connect(connected_, reinterpret_cast<sockaddr*>(&address), sizeof address), "connect");
    unbound_ = must_fd(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    send_all();
  }
  void verify() override {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    must(getpeername(connected_, reinterpret_cast<sockaddr*>(&address), &length), "getpeername");
    expect_equal("port of the peer", port_, ntohs(address.sin_port));
    for (const char* text : {"first", "", "second, longer"})
      take_datagram(text, port_of(connected_));
    take_datagram("of a stranger", stranger_port_);
    give(connected_, "datagram");
    pollfd wait{bound_, POLLIN, 0};
    poll(&wait, 1, 5000);
    expect_equal("over UDP", "datagram", take(bound_));
    expect_equal("family of the unbound socket", AF_INET6, option(unbound_, SOL_SOCKET, SO_DOMAIN));
    send_all();
  }

 private:
  static std::int64_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    must(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
    return ntohs(address.sin_port);
  }

  // They stay unread; the last is from a socket that is gone.
  void send_all() {
    for (const char* text : {"first", "", "second, longer"}) give(connected_, text);
    const int stranger = must_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    sockaddr_in address{};
    socklen_t length = sizeof address;
    must(getpeername(connected_, reinterpret_cast<sockaddr*>(&address), &length), "getpeername");
    must(connect(stranger, reinterpret_cast<sockaddr*>(&address), length), "connect");
    stranger_port_ = port_of(stranger);
    give(stranger, "of a stranger");
    close(stranger);
  }

  void take_datagram(const std::string& expected, std::int64_t expected_port) const {
    sockaddr_in from{};
    socklen_t length = sizeof from;
    std::string text(100, ' ');
    const ssize_t count = recvfrom(bound_, text.data(), text.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&from), &length);
    if (count < 0) return expect_equal("unread datagram", expected, "none");
    text.resize(static_cast<std::size_t>(count));
    expect_equal("unread datagram", expected, text);
    expect_equal("port of the sender of '" + expected + "'", expected_port, ntohs(from.sin_port));
    expect_equal("address of the sender", INADDR_LOOPBACK, ntohl(from.sin_addr.s_addr));
  }

  int bound_ = -1, connected_ = -1, unbound_ = -1;
  std::int64_t port_ = 0, stranger_port_ = 0;
};

STASIS_WORKLOAD(Udp, "udp");

}  // namespace
}  // namespace stasis::workload
