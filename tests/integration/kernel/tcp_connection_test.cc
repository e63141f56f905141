#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/kernel/round_trip.h"
#include "integration/support/give_up.h"
#include "restore/files.h"

namespace stasis::test {
namespace {

template <class T>
T option_of(int fd, int option) {
  T value{};
  socklen_t size = sizeof(value);
  must(getsockopt(fd, IPPROTO_TCP, option, &value, &size), "getsockopt");
  return value;
}

void set_option(int fd, int option, int value) {
  must(setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value)), "setsockopt");
}

template <class Address>
model::Bytes bytes_of(const Address& address) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(&address);
  return model::Bytes(first, first + sizeof(address));
}

model::Bytes queue_of(int fd, int queue, std::size_t size) {
  set_option(fd, TCP_REPAIR_QUEUE, queue);
  model::Bytes data(size);
  if (size > 0) must(recv(fd, data.data(), size, MSG_PEEK | MSG_DONTWAIT), "recv");
  return data;
}

int bytes_by(int fd, unsigned long request) {
  int bytes = 0;
  must(ioctl(fd, request, &bytes), "ioctl");
  return bytes;
}

// Takes a connection apart: afterwards its owner closes it, and the peer hears nothing.
model::InetSocket take_connection(int fd) {
  model::InetSocket socket;
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  must(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  socket.local_address = bytes_of(address);
  must(getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size), "getpeername");
  socket.peer_address = bytes_of(address);
  socket.tcp_state = model::TcpState::kEstablished;

  model::TcpConnection taken;
  const auto info = option_of<tcp_info>(fd, TCP_INFO);
  set_option(fd, TCP_REPAIR, 1);
  taken.options = info.tcpi_options;
  taken.send_scale = info.tcpi_snd_wscale;
  taken.receive_scale = info.tcpi_rcv_wscale;
  taken.mss_clamp = option_of<std::uint32_t>(fd, TCP_MAXSEG);
  taken.timestamp = option_of<std::uint32_t>(fd, TCP_TIMESTAMP);
  taken.window = bytes_of(option_of<tcp_repair_window>(fd, TCP_REPAIR_WINDOW));
  taken.send_queue_unsent = static_cast<std::uint32_t>(bytes_by(fd, SIOCOUTQNSD));
  taken.receive_queue =
      queue_of(fd, TCP_RECV_QUEUE, static_cast<std::size_t>(bytes_by(fd, SIOCINQ)));
  taken.receive_sequence = option_of<std::uint32_t>(fd, TCP_QUEUE_SEQ);
  taken.send_queue = queue_of(fd, TCP_SEND_QUEUE, static_cast<std::size_t>(bytes_by(fd, SIOCOUTQ)));
  taken.send_sequence = option_of<std::uint32_t>(fd, TCP_QUEUE_SEQ);
  socket.connection = taken;
  return socket;
}

// A late acknowledgement would find no socket while ours is gone, and reset the peer: there is no
// firewall between.
void wait_until_all_is_acknowledged(int fd) {
  while (bytes_by(fd, SIOCOUTQ) != bytes_by(fd, SIOCOUTQNSD)) usleep(1000);
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
    wait_until_all_is_acknowledged(ours_.get());
    socket.detail = take_connection(ours_.get());
    ours_.reset();
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

TEST_F(TcpConnections, PeerHearsNothingOfARestoreThatFails) {
  model::Socket socket{.domain = AF_INET, .type = SOCK_STREAM, .protocol = IPPROTO_TCP};
  socket.detail = take_connection(ours_.get());
  ours_.reset();
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
