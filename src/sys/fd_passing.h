// Unix sockets that carry descriptors and records: socketpair(2), connect(2), unix(7) SCM_RIGHTS.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// A SOCK_SEQPACKET pair: records keep their bounds, and the end of one side is seen by the other.
Result<std::pair<UniqueFd, UniqueFd>> make_record_pair();

// A stream connection to the socket bound at `path`; a path too long for sockaddr_un goes through
// /proc/self/fd.
Result<UniqueFd> connect_unix(const std::string& path);

// One sendmsg(2) of `bytes` (at least one) with the descriptors. EPIPE: the other side is gone; no
// SIGPIPE.
Result<void> send_record(int socket, std::span<const std::byte> bytes,
                         std::span<const int> fds = {});
Result<void> send_fds(int socket, std::string_view text, std::span<const int> fds);

struct ReceivedRecord {
  std::size_t size = 0;  // 0: the other side is closed
  std::vector<UniqueFd> fds;
};
Result<ReceivedRecord> receive_record(int socket, std::span<std::byte> into);

}  // namespace stasis::sys
