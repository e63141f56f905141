#include "sys/inet_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

#include <fmt/format.h>

namespace stasis::sys {

std::uint16_t get_port(std::span<const std::uint8_t> address) {
  if (address.size() != sizeof(sockaddr_in) && address.size() != sizeof(sockaddr_in6)) return 0;
  sockaddr_in v4{};  // the port lies at the same place in sockaddr_in6
  std::memcpy(&v4, address.data(), sizeof(v4));
  return ntohs(v4.sin_port);
}

std::string format_inet_address(std::span<const std::uint8_t> address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.size() == sizeof(sockaddr_in)) {
    sockaddr_in v4{};
    std::memcpy(&v4, address.data(), sizeof(v4));
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(v4.sin_port));
  }
  if (address.size() == sizeof(sockaddr_in6)) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address.data(), sizeof(v6));
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return fmt::format("[{}]:{}", text.data(), ntohs(v6.sin6_port));
  }
  return "an address of another family";
}

}  // namespace stasis::sys
