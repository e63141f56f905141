#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/held_connections.h"
#include "checkpoint/tcp_connection.h"
#include "integration/kernel/round_trip.h"
#include "integration/support/give_up.h"
#include "restore/files.h"
#include "sys/socket.h"

namespace stasis::test {
namespace {

int bytes_by(int fd, unsigned long request) {
  int bytes = 0;
  must(ioctl(fd, request, &bytes), "ioctl");
  return bytes;
}

template <class T>
T must_have(Result<T> result) {
  if (!result) give_up(result.error().message());
  return std::move(*result);
}

model::InetSocket describe_connection(int fd, checkpoint::HeldConnections& held) {
  model::InetSocket socket;
  socket.tcp_state = model::TcpState::kEstablished;
  socket.local_address = must_have(sys::get_socket_name(fd));
  socket.peer_address = must_have(sys::get_peer_name(fd)).value_or(model::Bytes());
  if (auto done = held.hold(fd, checkpoint::Incoming::kDropped); !done) {
    give_up(done.error().message());
  }
  tcp_info info{};
  socklen_t size = sizeof(info);
  must(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
  socket.connection = must_have(checkpoint::read_tcp_connection(fd, info));
  return socket;
}

// Takes a connection apart: it is closed, and the peer hears nothing.
model::InetSocket take_connection(UniqueFd& fd) {
  checkpoint::HeldConnections held;
  auto socket = describe_connection(fd.get(), held);
  fd.reset();
  held.close_silently();
  return socket;
}

// A late acknowledgement would find no socket while ours is gone, and reset the peer: there is no
// firewall between. What the peer had no memory for it will never acknowledge; it does not delay
// the others for longer than TCP_DELACK_MAX, 0.2 s.
void wait_for_acknowledgements(int fd) {
  for (int round = 0; round < 500 && bytes_by(fd, SIOCOUTQ) != bytes_by(fd, SIOCOUTQNSD); ++round) {
    usleep(1000);
  }
}

class TcpConnections : public testing::Test {
 protected:
  TcpConnections() : root_(must(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /")) {
    const UniqueFd listener(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), "bind");
    must(listen(listener.get(), 1), "listen");
    socklen_t size = sizeof(address);
    must(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    ours_.reset(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    must(connect(ours_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), "connect");
    peer_.reset(must(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
  }

  // Replaces our side by a restored one.
  void take_and_restore() {
    model::Socket socket{.domain = AF_INET, .type = SOCK_STREAM, .protocol = IPPROTO_TCP};
    wait_for_acknowledgements(ours_.get());
    socket.detail = take_connection(ours_);
    container_.sockets = {socket};
    container_.open_files.resize(1);
    container_.open_files[0].flags = O_RDWR;
    container_.open_files[0].detail = model::SocketFile{.socket = 0};
    const auto opened = restorer_.open_all();
    ASSERT_TRUE(opened) << opened.error().message();
    const auto resumed = restorer_.resume_connections();
    ASSERT_TRUE(resumed) << resumed.error().message();
  }
  int restored() const { return restorer_.open_files()[0].get(); }

  UniqueFd root_;
  UniqueFd ours_, peer_;
  model::Container container_;
  restore::FileRestorer restorer_{container_, {.root_fd = root_.get(), .init = HostPid{getpid()}}};
};

std::string read_exactly(int fd, std::size_t size) {
  std::string text(size, '\0');
  must(recv(fd, text.data(), size, MSG_WAITALL), "recv");
  return text;
}

TEST_F(TcpConnections, GoOn) {
  write_text(ours_.get(), "before");
  EXPECT_EQ(read_exactly(peer_.get(), 6), "before");
  write_text(peer_.get(), "unread");
  take_and_restore();
  EXPECT_EQ(read_exactly(restored(), 6), "unread");
  write_text(restored(), "there");
  EXPECT_EQ(read_exactly(peer_.get(), 5), "there");
  write_text(peer_.get(), "and back");
  EXPECT_EQ(read_exactly(restored(), 8), "and back");
  EXPECT_EQ(fcntl(restored(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(TcpConnections, SendWhatTheWindowHeldBack) {
  const int flags = fcntl(ours_.get(), F_GETFL);
  must(fcntl(ours_.get(), F_SETFL, flags | O_NONBLOCK), "fcntl");
  std::string sent;
  while (true) {
    std::string piece(10'000, static_cast<char>('a' + sent.size() / 10'000 % 26));
    const ssize_t taken = send(ours_.get(), piece.data(), piece.size(), 0);
    if (taken < 0) break;
    sent += piece.substr(0, static_cast<std::size_t>(taken));
  }
  take_and_restore();
  EXPECT_GT(std::get<model::InetSocket>(container_.sockets[0].detail).connection->send_queue_unsent,
            0U);
  EXPECT_TRUE(read_exactly(peer_.get(), sent.size()) == sent);
  write_text(restored(), "more");
  EXPECT_EQ(read_exactly(peer_.get(), 4), "more");
}

// --leave-running: only looked at.
TEST_F(TcpConnections, GoOnAfterTheyWereRead) {
  const int yes = 1;
  must(setsockopt(ours_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), "SO_REUSEADDR");
  write_text(ours_.get(), "to the peer");
  write_text(peer_.get(), "from the peer");
  {
    checkpoint::HeldConnections held;
    const auto described = describe_connection(ours_.get(), held);
    EXPECT_EQ(described.connection->receive_queue.size(), 13U);
  }
  int value = 0;
  socklen_t size = sizeof(value);
  must(getsockopt(ours_.get(), SOL_SOCKET, SO_REUSEADDR, &value, &size), "SO_REUSEADDR");
  EXPECT_EQ(value, 1);
  EXPECT_EQ(read_exactly(ours_.get(), 13), "from the peer");
  EXPECT_EQ(read_exactly(peer_.get(), 11), "to the peer");
  write_text(ours_.get(), "more");
  EXPECT_EQ(read_exactly(peer_.get(), 4), "more");
  write_text(peer_.get(), "and back");
  EXPECT_EQ(read_exactly(ours_.get(), 8), "and back");
}

TEST_F(TcpConnections, PeerHearsNothingOfARestoreThatFails) {
  model::Socket socket{.domain = AF_INET, .type = SOCK_STREAM, .protocol = IPPROTO_TCP};
  socket.detail = take_connection(ours_);
  model::Socket broken{.domain = AF_INET, .type = SOCK_STREAM, .protocol = IPPROTO_TCP};
  broken.detail = model::InetSocket{.tcp_state = model::TcpState::kEstablished};
  container_.sockets = {socket, broken};
  container_.open_files.resize(2);
  container_.open_files[0].detail = model::SocketFile{.socket = 0};
  container_.open_files[1].detail = model::SocketFile{.socket = 1};
  const auto opened = restorer_.open_all();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message(),
            "restoring a descriptor in a queue: TCP socket an address of another family: a TCP "
            "connection that is being closed");
  char byte = 0;
  EXPECT_EQ(recv(peer_.get(), &byte, 1, MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
}

}  // namespace
}  // namespace stasis::test
