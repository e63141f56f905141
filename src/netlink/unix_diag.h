// The unix sockets of the calling thread's network namespace: sock_diag(7), AF_UNIX, Linux 3.3,
// CONFIG_UNIX_DIAG. No capability needed. Unlike /proc/net/unix it tells peers, and names cannot be
// forged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace stasis::netlink {

struct UnixDiag {
  std::uint32_t inode = 0;                  // 0: not accepted yet
  std::uint8_t type = 0;                    // SOCK_STREAM ...
  std::uint8_t state = 0;                   // TCP_ESTABLISHED 1, TCP_CLOSE 7, TCP_LISTEN 10
  std::vector<std::uint8_t> name;           // as in sun_path, without the family
  std::optional<std::uint32_t> peer_inode;  // 0: closed, or not accepted yet
  // Bound to a path: the socket's node, superblock numbers as the kernel has them.
  std::optional<std::uint32_t> node_inode;
  std::uint32_t node_device = 0;
  std::vector<std::uint32_t> pending;  // listening: inodes of clients that wait for accept
  std::uint32_t receive_queue = 0;     // listening: how many wait for accept; else bytes
  std::uint32_t send_queue = 0;        // listening: the backlog; else memory not received yet
  std::uint8_t shut_down = 0;          // bit 0: receiving, bit 1: sending
  bool operator==(const UnixDiag&) const = default;
};

// The messages of one datagram from the kernel. Sets `done` at NLMSG_DONE; an NLMSG_ERROR is an
// Error. Pure.
Result<void> parse_unix_diag(std::span<const std::byte> datagram, std::vector<UnixDiag>& into,
                             bool& done);

Result<std::vector<UnixDiag>> read_unix_diag();

}  // namespace stasis::netlink
