// /proc/PID/net/unix: the unix sockets of a network namespace (proc_pid_net(5), net/unix/af_unix.c
// unix_seq_show). Names stand there as their owners chose them, newlines included: a process can
// forge lines. For anything that must be right there is sock_diag(7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

struct UnixSocketLine {
  std::uint32_t reference_count = 0;
  std::uint32_t protocol = 0;  // always 0
  std::uint32_t flags = 0;     // 0x10000 (__SO_ACCEPTCON): listening
  std::uint32_t type = 0;      // SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_SEQPACKET 5
  std::uint32_t state = 0;     // SS_UNCONNECTED 1, SS_CONNECTED 3
  std::uint64_t inode = 0;     // 0: not accepted yet, has no file
  bool named = false;
  bool abstract = false;  // began with '@'
  std::string name;       // without that '@'; NUL bytes of an abstract name read '@' too
  bool operator==(const UnixSocketLine&) const = default;
};

Result<std::vector<UnixSocketLine>> parse_net_unix(std::string_view text);
Result<std::vector<UnixSocketLine>> read_net_unix(const ProcDir& dir);

}  // namespace stasis::proc
