#include "netlink/diag_socket.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <cstring>
#include <vector>

#include "sys/file.h"
#include "sys/socket.h"

namespace stasis::netlink {
namespace {

constexpr std::size_t kDatagramBytes = 65536;  // the kernel's dumps use up to 32 KiB

}  // namespace

Result<void> dump_sockets(std::span<const std::byte> request, const TakeDatagram& take) {
  STASIS_ASSIGN(const auto socket, sys::make_socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof(header) + request.size());
  header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  header.nlmsg_seq = 1;
  std::vector<std::uint8_t> message(header.nlmsg_len);
  std::memcpy(message.data(), &header, sizeof(header));
  std::memcpy(message.data() + sizeof(header), request.data(), request.size());
  STASIS_TRY(sys::send_message(socket.get(), {.data = message}));
  std::vector<std::byte> buffer(kDatagramBytes);
  bool done = false;
  while (!done) {
    STASIS_ASSIGN(const auto got, sys::read_some(socket.get(), buffer));
    STASIS_TRY(take(std::span(buffer).first(got), done));
  }
  return {};
}

}  // namespace stasis::netlink
