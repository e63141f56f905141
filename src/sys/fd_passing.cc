#include "sys/fd_passing.h"

#include <array>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "sys/call.h"
#include "sys/file.h"

namespace stasis::sys {
namespace {

constexpr std::size_t kMaxFds = 253;  // SCM_MAX_FD of the kernel

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> make_record_pair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    return last_error("socketpair");
  }
  return std::pair{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Result<UniqueFd> connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string shown = path;
  UniqueFd holder;
  if (path.size() >= sizeof(address.sun_path)) {
    STASIS_ASSIGN(holder, open(path, O_PATH));
    shown = fmt::format("/proc/self/fd/{}", holder.get());
  }
  std::memcpy(address.sun_path, shown.data(), shown.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return last_error("socket");
  const int result = retry([&] {
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  });
  if (result != 0) return last_error("connect unix socket '{}'", path);
  return socket;
}

Result<void> send_record(int socket, std::span<const std::byte> bytes, std::span<const int> fds) {
  if (fds.size() > kMaxFds) {
    return fail(ErrorKind::kInvalidArgument, "{} descriptors do not fit one message", fds.size());
  }
  iovec piece{const_cast<std::byte*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int) * kMaxFds)> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
  }
  const ssize_t sent = retry([&] { return ::sendmsg(socket, &message, MSG_NOSIGNAL); });
  if (sent < 0)
    return last_error("sendmsg of {} bytes and {} descriptors", bytes.size(), fds.size());
  return {};
}

Result<void> send_fds(int socket, std::string_view text, std::span<const int> fds) {
  return send_record(socket, std::as_bytes(std::span(text)), fds);
}

Result<ReceivedRecord> receive_record(int socket, std::span<std::byte> into) {
  iovec piece{into.data(), into.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int) * kMaxFds)> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = retry([&] { return ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC); });
  if (got < 0) return last_error("recvmsg");
  ReceivedRecord record{.size = static_cast<std::size_t>(got)};
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      record.fds.emplace_back(fd);
    }
  }
  return record;
}

}  // namespace stasis::sys
