// Unix sockets, TCP listeners, UDP.
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "integration/kernel/round_trip.h"
#include "integration/support/give_up.h"
#include "sys/socket.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using Sockets = FileRoundTrip;

void make_pair_at(int first, int second, int type) {
  std::array<int, 2> ends{};
  must(socketpair(AF_UNIX, type, 0, ends.data()), "socketpair");
  must(dup2(ends[0], first), "dup2");
  must(dup2(ends[1], second), "dup2");
  close(ends[0]);
  close(ends[1]);
}

std::vector<std::uint8_t> unix_address(std::string_view name) {
  std::vector<std::uint8_t> bytes{AF_UNIX, 0};
  bytes.insert(bytes.end(), name.begin(), name.end());
  return bytes;
}

void bind_to(int fd, std::string_view name) {
  const auto address = unix_address(name);
  must(bind(fd, reinterpret_cast<const sockaddr*>(address.data()),
            static_cast<socklen_t>(address.size())),
       "bind");
}

void connect_to(int fd, std::string_view name) {
  const auto address = unix_address(name);
  must(connect(fd, reinterpret_cast<const sockaddr*>(address.data()),
               static_cast<socklen_t>(address.size())),
       "connect");
}

void listen_at(int number, std::string_view name) {
  place(socket(AF_UNIX, SOCK_STREAM, 0), number);
  bind_to(number, name);
  must(listen(number, 7), "listen");
}

void send_fd(int socket, std::string_view text, int fd) {
  const sys::OutgoingMessage message{
      .data = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, .fds = {&fd, 1}};
  if (!sys::send_message(socket, message)) give_up("sendmsg");
}

std::string name_of(int fd) {
  const auto name = sys::get_socket_name(fd);
  return std::string(name->begin() + 2, name->end());
}

TEST_F(Sockets, PairsKeepTheirQueues) {
  in_process([] {
    make_pair_at(10, 11, SOCK_STREAM);
    write_text(10, "to the second");
    write_text(11, std::string(300000, 'y').substr(0, 100000));
  });
  round_trip();
  EXPECT_EQ(read_now(fd(11)), "to the second");
  EXPECT_EQ(read_now(fd(10)), std::string(100000, 'y'));
  write_text(fd(10), "more");
  EXPECT_EQ(read_now(fd(11)), "more");
}

TEST_F(Sockets, RecordsKeepTheirBounds) {
  in_process([] {
    make_pair_at(10, 11, SOCK_SEQPACKET);
    write_text(10, "one");
    write_text(10, "two");
    make_pair_at(12, 13, SOCK_DGRAM);
    write_text(12, "three");
    write_text(12, "");
    write_text(12, "four");
  });
  round_trip();
  std::array<char, 10> buffer{};
  EXPECT_EQ(read(fd(11), buffer.data(), buffer.size()), 3);
  EXPECT_EQ(read(fd(11), buffer.data(), buffer.size()), 3);
  EXPECT_EQ(read(fd(13), buffer.data(), buffer.size()), 5);
  EXPECT_EQ(read(fd(13), buffer.data(), buffer.size()), 0);
  EXPECT_EQ(read(fd(13), buffer.data(), buffer.size()), 4);
}

TEST_F(Sockets, CollectingLeavesQueueAndPeekOffset) {
  in_process([] {
    make_pair_at(10, 11, SOCK_STREAM);
    write_text(10, "abcdef");
    const int offset = 2;
    must(setsockopt(11, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof(offset)), "SO_PEEK_OFF");
  });
  collect();
  container_ = {};
  ASSERT_THAT(collect(), testing::IsEmpty());
  kill_processes();
  ASSERT_EQ(restore(), "");
  std::array<char, 10> buffer{};
  EXPECT_EQ(recv(fd(11), buffer.data(), buffer.size(), MSG_PEEK), 4);
  EXPECT_STREQ(buffer.data(), "cdef");
}

TEST_F(Sockets, DescriptorsInFlightArrive) {
  in_process([] {
    make_pair_at(10, 11, SOCK_STREAM);
    std::array<int, 2> ends{};
    must(pipe(ends.data()), "pipe");
    write_text(ends[1], "through the pipe in the queue");
    send_fd(10, "fd", ends[0]);
    close(ends[0]);
    place(ends[1], 12);
  });
  round_trip();
  const auto message = sys::peek_message(fd(11), 100);
  ASSERT_TRUE(message.has_value() && message->has_value());
  ASSERT_EQ((**message).fds.size(), 1U);
  EXPECT_EQ(read_now((**message).fds[0].get()), "through the pipe in the queue");
  write_text(fd(12), "more");
  EXPECT_EQ(read_now((**message).fds[0].get()), "more");
}

TEST_F(Sockets, ListenersKeepNameModeAndWaitingClients) {
  in_process([] {
    listen_at(10, "/run/server");
    must(chmod("/run/server", 0620), "chmod");
    must(chown("/run/server", 12, 34), "chown");
    place(socket(AF_UNIX, SOCK_STREAM, 0), 11);
    connect_to(11, "/run/server");
  });
  round_trip();
  struct stat status {};
  must(stat("/run/server", &status), "stat");
  EXPECT_EQ(status.st_mode, static_cast<mode_t>(S_IFSOCK | 0620));
  EXPECT_EQ(status.st_uid, 12U);
  EXPECT_EQ(status.st_gid, 34U);
  const int accepted = must(accept(fd(10), nullptr, nullptr), "accept");
  write_text(accepted, "welcome");
  EXPECT_EQ(read_now(fd(11)), "welcome");
  const int late = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  connect_to(late, "/run/server");
}

TEST_F(Sockets, AcceptedConnectionsKeepTheListenersName) {
  in_process([] {
    listen_at(10, std::string_view("\0hidden", 7));
    place(socket(AF_UNIX, SOCK_STREAM, 0), 11);
    connect_to(11, std::string_view("\0hidden", 7));
    place(accept(10, nullptr, nullptr), 12);
    write_text(11, "request");
    write_text(12, "reply");
  });
  round_trip();
  EXPECT_EQ(name_of(fd(12)), std::string("\0hidden", 7));
  EXPECT_EQ(name_of(fd(11)), "");
  EXPECT_EQ(read_now(fd(12)), "request");
  EXPECT_EQ(read_now(fd(11)), "reply");
}

TEST_F(Sockets, ConnectionsOutliveTheirListener) {
  in_process([] {
    listen_at(10, "/run/server");
    place(socket(AF_UNIX, SOCK_STREAM, 0), 11);
    connect_to(11, "/run/server");
    place(accept(10, nullptr, nullptr), 12);
    close(10);
    unlink("/run/server");
  });
  round_trip();
  write_text(fd(11), "still here");
  EXPECT_EQ(read_now(fd(12)), "still here");
  EXPECT_EQ(name_of(fd(12)), std::string("/run/server\0", 12));
  EXPECT_NE(access("/run/server", F_OK), 0);
}

TEST_F(Sockets, PeersThatClosedGiveTheEndOfFile) {
  in_process([] {
    make_pair_at(10, 11, SOCK_STREAM);
    write_text(11, "bye");
    close(11);
    make_pair_at(12, 13, SOCK_STREAM);
    must(shutdown(12, SHUT_WR), "shutdown");
  });
  round_trip();
  EXPECT_EQ(read_now(fd(10)), "bye");
  char byte = 0;
  EXPECT_EQ(read(fd(10), &byte, 1), 0);
  EXPECT_EQ(read(fd(13), &byte, 1), 0);
  write_text(fd(13), "the other way");
  EXPECT_EQ(read_now(fd(12)), "the other way");
}

TEST_F(Sockets, PeersOutsideNeedTheFlag) {
  const int server = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  bind_to(server, "/run/outside");
  must(listen(server, 5), "listen");
  in_process([] {
    place(socket(AF_UNIX, SOCK_STREAM, 0), 10);
    connect_to(10, "/run/outside");
  });
  const int accepted = must(accept4(server, nullptr, nullptr, SOCK_CLOEXEC), "accept");
  EXPECT_THAT(collect(),
              ElementsAre("pid 1 (maker): fd 10: a unix connection (without a name) to a process "
                          "outside of the container; use --ext-unix-sk to have it closed by the "
                          "peer after the restore"));
  write_text(accepted, "unread");
  container_ = {};
  round_trip({.ext_unix_sk = true});
  EXPECT_EQ(read_now(fd(10)), "unread");
  char byte = 0;
  EXPECT_EQ(read(fd(10), &byte, 1), 0);
}

TEST_F(Sockets, DatagramsKeepTheirSenders) {
  in_process([] {
    place(socket(AF_UNIX, SOCK_DGRAM, 0), 10);
    bind_to(10, "/run/log");
    place(socket(AF_UNIX, SOCK_DGRAM, 0), 11);
    bind_to(11, "/run/sender");
    connect_to(11, "/run/log");
    write_text(11, "line");
  });
  round_trip();
  const auto message = sys::peek_message(fd(10), 100);
  ASSERT_TRUE(message.has_value() && message->has_value());
  EXPECT_EQ((**message).source, unix_address(std::string_view("/run/sender\0", 12)));
  EXPECT_EQ(read_now(fd(10)), "line");
  write_text(fd(11), "next");
  EXPECT_EQ(read_now(fd(10)), "next");
}

TEST_F(Sockets, OptionsStay) {
  in_process([] {
    make_pair_at(10, 11, SOCK_STREAM);
    const int on = 1;
    const int size = 50000;
    must(setsockopt(10, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), "SO_PASSCRED");
    must(setsockopt(10, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), "SO_SNDBUF");
  });
  round_trip();
  EXPECT_EQ(*sys::get_socket_int(fd(10), SOL_SOCKET, SO_PASSCRED), 1);
  EXPECT_EQ(*sys::get_socket_int(fd(10), SOL_SOCKET, SO_SNDBUF), 100000);
}

sockaddr_in6 v6_at(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  return address;
}

TEST_F(Sockets, TcpListenersV4AndV6) {
  in_process([] {
    const int on = 1;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(6379);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    place(socket(AF_INET, SOCK_STREAM, 0), 10);
    must(setsockopt(10, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "SO_REUSEADDR");
    must(bind(10, reinterpret_cast<sockaddr*>(&v4), sizeof(v4)), "bind");
    must(listen(10, 128), "listen");
    const auto v6 = v6_at(6379);
    place(socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), 11);
    must(setsockopt(11, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)), "IPV6_V6ONLY");
    must(bind(11, reinterpret_cast<const sockaddr*>(&v6), sizeof(v6)), "bind");
    must(listen(11, 128), "listen");
  });
  round_trip();
  EXPECT_EQ(std::get<model::InetSocket>(container_.sockets[0].detail).backlog, 128);
  EXPECT_EQ(*sys::get_socket_int(fd(10), SOL_SOCKET, SO_REUSEADDR), 1);
  EXPECT_EQ(*sys::get_socket_int(fd(10), SOL_SOCKET, SO_ACCEPTCONN), 1);
  EXPECT_EQ(fcntl(fd(11), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  EXPECT_EQ(*sys::get_socket_int(fd(11), SOL_SOCKET, SO_ACCEPTCONN), 1);
}

TEST_F(Sockets, FiltersAreRefusedAndStay) {
  in_process([] {
    sock_filter drop{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
    const sock_fprog program{.len = 1, .filter = &drop};
    place(socket(AF_INET, SOCK_DGRAM, 0), 10);
    must(setsockopt(10, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)), "a filter");
  });
  const auto expected = ElementsAre(
      "pid 1 (maker): fd 10: a socket with a filter program (SO_ATTACH_FILTER or SO_ATTACH_BPF); "
      "detach it before the checkpoint");
  EXPECT_THAT(collect(), expected);
  container_ = {};
  EXPECT_THAT(collect(), expected);
}

TEST_F(Sockets, TcpAddressInUseIsNamed) {
  const auto v6 = v6_at(7000);
  in_process([&] {
    place(socket(AF_INET6, SOCK_STREAM, 0), 10);
    must(bind(10, reinterpret_cast<const sockaddr*>(&v6), sizeof(v6)), "bind");
    must(listen(10, 1), "listen");
  });
  ASSERT_THAT(collect(), testing::IsEmpty());
  const int pid = container_.processes[0].pid.value;
  kill_processes();
  const int other = must(socket(AF_INET6, SOCK_STREAM, 0), "socket");
  must(bind(other, reinterpret_cast<const sockaddr*>(&v6), sizeof(v6)), "bind");
  must(listen(other, 1), "listen");
  EXPECT_EQ(restore(), fmt::format("restoring fd 10 of pid {}: TCP socket [::]:7000: bind: "
                                   "EADDRINUSE",
                                   pid));
}

TEST_F(Sockets, UdpKeepsAddresses) {
  in_process([] {
    const auto address = v6_at(5353);
    place(socket(AF_INET6, SOCK_DGRAM, 0), 10);
    must(bind(10, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "bind");
    auto peer = v6_at(5353);
    peer.sin6_addr = in6addr_loopback;
    place(socket(AF_INET6, SOCK_DGRAM, 0), 11);
    must(connect(11, reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)), "connect");
    place(socket(AF_INET, SOCK_DGRAM, 0), 12);
  });
  round_trip();
  write_text(fd(11), "query");
  EXPECT_EQ(read_now(fd(10)), "query");
}

TEST_F(Sockets, UnsupportedFamiliesAreNamed) {
  in_process([] { place(socket(AF_PACKET, SOCK_RAW, 0), 10); });
  EXPECT_THAT(collect(), ElementsAre("pid 1 (maker): fd 10: a packet socket; close it before the "
                                     "checkpoint"));
}

}  // namespace
}  // namespace stasis::test
