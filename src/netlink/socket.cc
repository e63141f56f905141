#include "netlink/socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

#include "netlink/messages.h"
#include "sys/file.h"
#include "sys/socket.h"

namespace stasis::netlink {
namespace {

constexpr std::size_t kDatagramBytes = 65536;  // the kernel's dumps use up to 32 KiB

}  // namespace

Result<Socket> Socket::open(int protocol) {
  STASIS_ASSIGN(UniqueFd fd, sys::make_socket(AF_NETLINK, SOCK_RAW, protocol));
  STASIS_TRY(sys::set_socket_int(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, 1));
  STASIS_TRY(sys::set_socket_int(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, 1));
  return Socket(std::move(fd));
}

Result<void> Socket::send(std::uint16_t type, std::uint16_t flags,
                          std::span<const std::byte> body) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof(header) + body.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  header.nlmsg_seq = ++sequence_;
  std::vector<std::uint8_t> message(header.nlmsg_len);
  std::memcpy(message.data(), &header, sizeof(header));
  std::memcpy(message.data() + sizeof(header), body.data(), body.size());
  return sys::send_message(fd_.get(), {.data = message});
}

Result<void> Socket::dump(std::uint16_t type, std::span<const std::byte> body,
                          const TakeDatagram& take) {
  STASIS_TRY(send(type, NLM_F_DUMP, body));
  std::vector<std::byte> buffer(kDatagramBytes);
  bool done = false;
  while (!done) {
    STASIS_ASSIGN(const auto got, sys::read_some(fd_.get(), buffer));
    STASIS_TRY(take(std::span(buffer).first(got), done));
  }
  return {};
}

Result<void> Socket::request(std::uint16_t type, std::uint16_t flags,
                             std::span<const std::byte> body) {
  STASIS_TRY(send(type, static_cast<std::uint16_t>(flags | NLM_F_ACK), body));
  std::vector<std::byte> buffer(kDatagramBytes);
  STASIS_ASSIGN(const auto got, sys::read_some(fd_.get(), buffer));
  STASIS_TRY(split_messages(std::span(buffer).first(got)));
  return {};
}

}  // namespace stasis::netlink
