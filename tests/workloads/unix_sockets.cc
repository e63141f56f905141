// Unix sockets of all types with queues, names and credentials.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/socket_io.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

// A leading '@' stands for the zero byte of an abstract name.
std::pair<sockaddr_un, socklen_t> unix_address(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name[0] == '@') address.sun_path[0] = '\0';
  const std::size_t length =
      offsetof(sockaddr_un, sun_path) + name.size() + (name[0] == '@' ? 0 : 1);
  return {address, static_cast<socklen_t>(length)};
}

int bound_socket(int type, const std::string& name) {
  const int fd = must_fd(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), "socket");
  const auto [address, length] = unix_address(name);
  must(bind(fd, reinterpret_cast<const sockaddr*>(&address), length), "bind " + name);
  return fd;
}

int connected_socket(int type, const std::string& name) {
  const int fd = must_fd(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), "socket");
  const auto [address, length] = unix_address(name);
  must(connect(fd, reinterpret_cast<const sockaddr*>(&address), length), "connect to " + name);
  return fd;
}

class UnixStream : public Workload {
 public:
  void set_up() override {
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair_.data()), "socketpair");
    give(pair_[0], "to one");
    give(pair_[1], "to zero");
    const int size = 50'000;
    must(setsockopt(pair_[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size), "SO_SNDBUF");
    must(setsockopt(pair_[1], SOL_SOCKET, SO_RCVBUF, &size, sizeof size), "SO_RCVBUF");
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, half_.data()), "socketpair");
    give(half_[0], "before the end");
    must(shutdown(half_[0], SHUT_WR), "shutdown");
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, closed_.data()), "socketpair");
    give(closed_[0], "peer is gone");
    close(closed_[0]);
    helper_ = std::make_unique<Helper>([this](char question) -> std::int64_t {
      return send(pair_[0], &question, 1, MSG_NOSIGNAL);
    });
    options_ = describe_options();
  }

  void verify() override {
    expect_equal("queue of one", "to one", take(pair_[1]));
    expect_equal("queue of zero", "to zero", take(pair_[0]));
    helper_->ask('h');
    expect_equal("byte from the child", "h", take(pair_[1]));
    give(pair_[0], "to one");
    give(pair_[1], "to zero");
    expect_equal("before shutdown", "before the end", peek(half_[1]));
    expect_equal("send after shutdown", EPIPE,
                 send(half_[0], "x", 1, MSG_NOSIGNAL) == -1 ? errno : 0);
    give(half_[1], "back");
    expect_equal("other direction", "back", take(half_[0]));
    expect_equal("from the closed peer", "peer is gone", peek(closed_[1]));
    expect_equal("send to the closed peer", EPIPE,
                 send(closed_[1], "x", 1, MSG_NOSIGNAL) == -1 ? errno : 0);
    expect_equal("options", options_, describe_options());
    ucred credentials{};
    socklen_t size = sizeof credentials;
    must(getsockopt(pair_[0], SOL_SOCKET, SO_PEERCRED, &credentials, &size), "SO_PEERCRED");
    expect_equal("pid of the peer", getpid(), credentials.pid);
  }

 private:
  static std::string peek(int fd) {
    std::array<char, 100> text{};
    must(recv(fd, text.data(), text.size() - 1, MSG_PEEK | MSG_DONTWAIT), "peek");
    return text.data();
  }
  std::string describe_options() const {
    return fmt::format("sndbuf {} rcvbuf {} type {} flags {:o}",
                       option(pair_[0], SOL_SOCKET, SO_SNDBUF),
                       option(pair_[1], SOL_SOCKET, SO_RCVBUF),
                       option(pair_[0], SOL_SOCKET, SO_TYPE), fcntl(closed_[1], F_GETFL));
  }
  std::array<int, 2> pair_{}, half_{}, closed_{};
  std::string options_;
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(UnixStream, "unix_stream");

// Listeners by path and by abstract name, with connections that wait to be accepted.
class UnixListening : public Workload {
 public:
  void set_up() override {
    for (const std::string& name :
         {fmt::format("/tmp/listen.{}", getpid()), fmt::format("@listen.{}", getpid())}) {
      Server server{.name = name, .listener = bound_socket(SOCK_STREAM, name), .waiting = -1};
      must(listen(server.listener, 7), "listen");
      wait_in_backlog(server);
      server.client = connected_socket(SOCK_STREAM, name);
      // The first in the queue is the one that has waited: accept both, and queue one again.
      close(server.waiting);
      close(must_fd(accept(server.listener, nullptr, nullptr), "accept"));
      server.accepted = must_fd(accept4(server.listener, nullptr, nullptr, SOCK_CLOEXEC), "accept");
      give(server.client, "queued in the accepted one");
      wait_in_backlog(server);
      servers_.push_back(server);
    }
  }

  void verify() override {
    for (Server& server : servers_) {
      give(server.waiting, "before accept");
      const int next = must_fd(accept4(server.listener, nullptr, nullptr, SOCK_CLOEXEC), "accept");
      expect_equal(server.name + ": sent before accept", "before accept", take(next));
      give(next, "answer");
      expect_equal(server.name + ": answer", "answer", take(server.waiting));
      close(next);
      close(server.waiting);
      wait_in_backlog(server);
      expect_equal(server.name + ": queue", "queued in the accepted one", take(server.accepted));
      give(server.client, "queued in the accepted one");
      expect_equal(server.name + ": listens", 1,
                   option(server.listener, SOL_SOCKET, SO_ACCEPTCONN));
      check_name(server);
    }
  }

 private:
  struct Server {
    std::string name;
    int listener, waiting, client = -1, accepted = -1;
  };
  static void wait_in_backlog(Server& server) {
    server.waiting = connected_socket(SOCK_STREAM, server.name);
  }
  static void check_name(const Server& server) {
    const auto [expected, expected_length] = unix_address(server.name);
    sockaddr_un found{};
    socklen_t length = sizeof found;
    must(getpeername(server.client, reinterpret_cast<sockaddr*>(&found), &length), "getpeername");
    expect(length == expected_length && std::memcmp(&found, &expected, length) == 0,
           server.name + ": name of the peer");
  }
  std::vector<Server> servers_;
};

STASIS_WORKLOAD(UnixListening, "unix_listening");

// A client has sent something that no server has accepted yet: the kernel shows it to nobody, so
// that this cannot be saved. Any number of times the server's turn comes.
class UnixEarlyData : public Workload {
 public:
  void set_up() override {
    const std::string name = fmt::format("@early.{}", getpid());
    listener_ = bound_socket(SOCK_STREAM, name);
    must(listen(listener_, 1), "listen");
    client_ = connected_socket(SOCK_STREAM, name);
    give(client_, "early");
  }
  void verify() override {
    if (accepted_ < 0)
      accepted_ = must_fd(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), "accept");
    expect_equal("sent before accept", "early", take(accepted_));
    give(client_, "early");
  }

 private:
  int listener_ = -1, client_ = -1, accepted_ = -1;
};

STASIS_WORKLOAD(UnixEarlyData, "unix_early_data");

class UnixDatagram : public Workload {
 public:
  void set_up() override {
    const std::string base = fmt::format("/tmp/datagram.{}", getpid());
    server_ = bound_socket(SOCK_DGRAM, base);
    named_ = bound_socket(SOCK_DGRAM, base + ".named");
    const auto [address, length] = unix_address(base);
    must(connect(named_, reinterpret_cast<const sockaddr*>(&address), length), "connect");
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, packets_.data()), "socketpair");
    name_ = base + ".named";
    send_all();
  }
  void verify() override {
    for (const char* expected : {"first", "second, longer"}) {
      sockaddr_un from{};
      socklen_t length = sizeof from;
      std::array<char, 100> text{};
      must(recvfrom(server_, text.data(), text.size() - 1, MSG_DONTWAIT,
                    reinterpret_cast<sockaddr*>(&from), &length),
           "recvfrom");
      expect_equal("datagram", expected, text.data());
      expect_equal("sender", name_, from.sun_path);
    }
    expect_equal("packet", "packet one", take(packets_[1]));
    expect_equal("empty packet", "", take(packets_[1]));
    expect_equal("packet", "packet two", take(packets_[1]));
    expect_equal("other direction", "backwards", take(packets_[0]));
    send_all();
  }

 private:
  void send_all() const {
    give(named_, "first");
    give(named_, "second, longer");
    give(packets_[0], "packet one");
    give(packets_[0], "");
    give(packets_[0], "packet two");
    give(packets_[1], "backwards");
  }
  int server_ = -1, named_ = -1;
  std::array<int, 2> packets_{};
  std::string name_;
};

STASIS_WORKLOAD(UnixDatagram, "unix_datagram");

// Descriptors on their way in a socket's queue, which no process has otherwise.
class FdPassing : public Workload {
 public:
  void set_up() override {
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair_.data()), "socketpair");
    send_descriptors();
  }
  void verify() override {
    std::array<char, 8> text{};
    std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
    iovec part{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    must(recvmsg(pair_[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC), "recvmsg");
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return differs("no descriptors came");
    std::array<int, 2> fds{};
    std::memcpy(fds.data(), CMSG_DATA(header), sizeof fds);
    expect_equal("bytes that came with them", "fds", text.data());
    char byte = 0;
    must(read(fds[0], &byte, 1), "read of the passed pipe");
    expect_equal("byte in the passed pipe", 'p', byte);
    expect_equal("offset of the passed file", 3, lseek(fds[1], 0, SEEK_CUR));
    for (const int fd : fds) close(fd);
    send_descriptors();
  }

 private:
  void send_descriptors() const {
    std::array<int, 2> ends{};
    must(pipe2(ends.data(), O_CLOEXEC), "pipe2");
    must(write(ends[1], "p", 1), "write");
    close(ends[1]);
    const int file = must_fd(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), "open O_TMPFILE");
    must(write(file, "abc", 3), "write");
    const std::array<int, 2> fds = {ends[0], file};
    char text[] = "fds";
    std::array<char, CMSG_SPACE(sizeof fds)> control{};
    iovec part{text, 3};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fds);
    std::memcpy(CMSG_DATA(header), fds.data(), sizeof fds);
    must(sendmsg(pair_[0], &message, 0), "sendmsg");
    for (const int fd : fds) close(fd);
  }
  std::array<int, 2> pair_{};
};

STASIS_WORKLOAD(FdPassing, "fd_passing");

}  // namespace
}  // namespace stasis::workload
