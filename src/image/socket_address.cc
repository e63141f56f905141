#include "image/socket_address.h"

#include <netinet/in.h>
#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace stasis::image {
namespace {

template <class Sockaddr>
Sockaddr copy_as(const model::Bytes& bytes) {
  Sockaddr address{};
  std::memcpy(&address, bytes.data(), sizeof(address));
  return address;
}

}  // namespace

std::string address_text(const model::Bytes& sockaddr) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  sa_family_t family = AF_UNSPEC;
  if (sockaddr.size() >= sizeof(family)) std::memcpy(&family, sockaddr.data(), sizeof(family));
  if (family == AF_INET && sockaddr.size() >= sizeof(sockaddr_in)) {
    const auto address = copy_as<sockaddr_in>(sockaddr);
    ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(address.sin_port));
  }
  if (family == AF_INET6 && sockaddr.size() >= sizeof(sockaddr_in6)) {
    const auto address = copy_as<sockaddr_in6>(sockaddr);
    ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
    return fmt::format("[{}]:{}", text.data(), ntohs(address.sin6_port));
  }
  return "unknown address";
}

}  // namespace stasis::image
