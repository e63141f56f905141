// /proc/PID/net/tcp, tcp6, udp and udp6: the internet sockets of a network namespace
// (proc_pid_net(5)).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

struct InetEndpoint {
  std::array<std::uint8_t, 16> address{};  // network byte order; the first 4 bytes for IPv4
  bool is_v6 = false;
  std::uint16_t port = 0;
  bool operator==(const InetEndpoint&) const = default;
};

struct InetSocketLine {
  InetEndpoint local, remote;
  std::uint32_t state = 0;  // TCP_ESTABLISHED 1 ... TCP_LISTEN 10; UDP: 7 unconnected, 1 connected
  std::uint64_t send_queue = 0,
                receive_queue = 0;  // bytes; receive_queue of a listener: its backlog
  std::uint32_t uid = 0;
  std::uint64_t inode = 0;  // 0: no file (TIME_WAIT, not accepted yet)
  bool operator==(const InetSocketLine&) const = default;
};

// `file`: "tcp", "tcp6", "udp" or "udp6".
Result<std::vector<InetSocketLine>> parse_net_inet(std::string_view file, std::string_view text);
// kNotFound: this kernel has no such protocol.
Result<std::vector<InetSocketLine>> read_net_inet(const ProcDir& dir, const std::string& file);

}  // namespace stasis::proc
