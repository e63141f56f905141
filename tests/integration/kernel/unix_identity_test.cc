// Who made a connection of unix sockets, as SO_PEERCRED tells.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "integration/kernel/round_trip.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using UnixIdentity = FileRoundTrip;

sockaddr_un abstract_address() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, "identity", 8);
  return address;
}
constexpr socklen_t kAddressBytes = sizeof(sa_family_t) + 9;

ucred peer_of(int fd) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  must(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size), "SO_PEERCRED");
  return credentials;
}

void become(unsigned uid, unsigned gid) {
  must(seteuid(0), "seteuid");
  must(setegid(gid), "setegid");
  must(seteuid(uid), "seteuid");
}

TEST_F(UnixIdentity, PairsKeepIt) {
  in_process([] {
    become(1001, 2001);
    int ends[2];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
    place(ends[0], 10);
    place(ends[1], 11);
    become(0, 0);
  });
  round_trip();
  EXPECT_EQ(peer_of(fd(10)).uid, 1001U);
  EXPECT_EQ(peer_of(fd(11)).gid, 2001U);
  EXPECT_EQ(geteuid(), 0U);
}

TEST_F(UnixIdentity, BothSidesOfAConnectionKeepTheirs) {
  in_process([] {
    const auto address = abstract_address();
    const auto* name = reinterpret_cast<const sockaddr*>(&address);
    place(socket(AF_UNIX, SOCK_STREAM, 0), 10);
    must(bind(10, name, kAddressBytes), "bind");
    become(1001, 2001);
    must(listen(10, 5), "listen");
    become(1002, 2002);
    place(socket(AF_UNIX, SOCK_STREAM, 0), 11);
    must(connect(11, name, kAddressBytes), "connect");
    become(0, 0);
    place(accept(10, nullptr, nullptr), 12);
  });
  round_trip();
  EXPECT_EQ(peer_of(fd(11)).uid, 1001U);
  EXPECT_EQ(peer_of(fd(11)).gid, 2001U);
  EXPECT_EQ(peer_of(fd(12)).uid, 1002U);
  EXPECT_EQ(peer_of(fd(12)).gid, 2002U);
}

// With SO_PASSCRED, the kernel names a socket that connects.
TEST_F(UnixIdentity, AskingForCredentialsGivesNoName) {
  in_process([] {
    int ends[2];
    must(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), "socketpair");
    place(ends[0], 10);
    place(ends[1], 11);
    const int on = 1;
    must(setsockopt(10, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), "SO_PASSCRED");
  });
  round_trip();
  sockaddr_un address{};
  socklen_t size = sizeof(address);
  must(getsockname(fd(10), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  EXPECT_EQ(size, sizeof(sa_family_t));
}

}  // namespace
}  // namespace stasis::test
