#include "sys/inet_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

namespace stasis::sys {
namespace {

template <class Address>
std::vector<std::uint8_t> bytes_of(const Address& address) {
  std::vector<std::uint8_t> bytes(sizeof(address));
  std::memcpy(bytes.data(), &address, sizeof(address));
  return bytes;
}

TEST(InetAddress, IsShownWithItsPort) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0x7f000001);
  v4.sin_port = htons(8080);
  EXPECT_EQ(format_inet_address(bytes_of(v4)), "127.0.0.1:8080");
  EXPECT_EQ(get_port(bytes_of(v4)), 8080);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  v6.sin6_port = htons(1);
  EXPECT_EQ(format_inet_address(bytes_of(v6)), "[::1]:1");
  EXPECT_EQ(get_port(bytes_of(v6)), 1);
}

TEST(InetAddress, OfAnotherSizeIsNone) {
  for (const std::size_t size : {0U, 1U, 15U, 17U, 27U, 110U}) {
    const std::vector<std::uint8_t> bytes(size, 1);
    EXPECT_EQ(get_port(bytes), 0);
    EXPECT_EQ(format_inet_address(bytes), "an address of another family");
  }
}

}  // namespace
}  // namespace stasis::sys
