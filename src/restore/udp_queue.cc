// Fills the queues of UDP sockets: what had not been read is sent again, from the address from
// which it came. It arrives over the loopback interface.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <variant>

#include <fmt/format.h>

#include "base/log.h"
#include "restore/sockets.h"
#include "sys/inet_address.h"
#include "sys/socket.h"

namespace stasis::restore {
namespace {

template <class Address>
Address decode(const model::Bytes& bytes) {
  Address address{};
  std::memcpy(&address, bytes.data(), std::min(bytes.size(), sizeof(address)));
  return address;
}

template <class Address>
model::Bytes encode(const Address& address) {
  model::Bytes bytes(sizeof(address));
  std::memcpy(bytes.data(), &address, sizeof(address));
  return bytes;
}

bool is_mapped_v4(const model::Bytes& address) {
  if (address.size() != sizeof(sockaddr_in6)) return false;
  const auto v6 = decode<sockaddr_in6>(address);
  return IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
}

// Where a datagram from `source` reaches the socket.
model::Bytes find_destination(const model::Bytes& local, const model::Bytes& source) {
  if (local.size() == sizeof(sockaddr_in)) {
    auto v4 = decode<sockaddr_in>(local);
    if (v4.sin_addr.s_addr == htonl(INADDR_ANY)) v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return encode(v4);
  }
  auto v6 = decode<sockaddr_in6>(local);
  if (!IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)) return local;
  v6.sin6_addr = in6addr_loopback;
  if (is_mapped_v4(source)) {
    const std::uint32_t loopback = htonl(INADDR_LOOPBACK);
    std::memset(&v6.sin6_addr, 0, 10);
    std::memset(v6.sin6_addr.s6_addr + 10, 0xff, 2);
    std::memcpy(v6.sin6_addr.s6_addr + 12, &loopback, sizeof(loopback));
  }
  return encode(v6);
}

// A socket of the container that sends from this port.
int find_sender(const FileContext& context, const model::Bytes& source) {
  for (std::uint32_t index = 0; index < context.container.sockets.size(); ++index) {
    const auto& socket = context.container.sockets[index];
    const auto* detail = std::get_if<model::InetSocket>(&socket.detail);
    const auto file = context.file_of_socket(index);
    if (detail == nullptr || socket.type != SOCK_DGRAM || !file) continue;
    if (detail->local_address.size() == source.size() &&
        sys::get_port(detail->local_address) == sys::get_port(source)) {
      return context.files[*file].get();
    }
  }
  return -1;
}

// A socket with an address that need not be the container's own. CAP_NET_ADMIN.
Result<UniqueFd> make_stand_in(std::int32_t domain, const model::Bytes& source) {
  STASIS_ASSIGN(UniqueFd fd, sys::make_socket(domain, SOCK_DGRAM, 0));
  STASIS_TRY(domain == AF_INET6 ? sys::set_socket_int(fd.get(), IPPROTO_IPV6, IPV6_TRANSPARENT, 1)
                                : sys::set_socket_int(fd.get(), IPPROTO_IP, IP_TRANSPARENT, 1));
  STASIS_TRY(sys::bind_socket(fd.get(), source));
  return fd;
}

// The kernel would choose one of several sockets.
bool shares_port(const model::Socket& socket) {
  return std::any_of(socket.options.begin(), socket.options.end(), [](const auto& option) {
    return option.level == SOL_SOCKET && option.name == SO_REUSEPORT;
  });
}

Result<void> send_again(const FileContext& context, const model::Socket& socket,
                        const model::InetSocket& detail, const model::QueuedMessage& message) {
  const auto to = find_destination(detail.local_address, message.source_address);
  const sys::OutgoingMessage out{.data = message.data, .to = to};
  if (const int sender = find_sender(context, message.source_address); sender >= 0) {
    return sys::send_message(sender, out);
  }
  STASIS_ASSIGN(const auto stand_in, make_stand_in(socket.domain, message.source_address));
  return sys::send_message(stand_in.get(), out);
}

}  // namespace

void fill_udp_sockets(FileContext& context) {
  for (std::uint32_t index = 0; index < context.container.sockets.size(); ++index) {
    const auto& socket = context.container.sockets[index];
    const auto* detail = std::get_if<model::InetSocket>(&socket.detail);
    if (detail == nullptr || socket.type != SOCK_DGRAM || shares_port(socket)) continue;
    for (const auto& message : socket.queue) {
      const auto sent = send_again(context, socket, *detail, message);
      if (sent) continue;
      log(LogLevel::kDebug, "a datagram from {} to {} is lost: {}",
          sys::format_inet_address(message.source_address),
          sys::format_inet_address(detail->local_address), sent.error().message());
    }
  }
}

}  // namespace stasis::restore
