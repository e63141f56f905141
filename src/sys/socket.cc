#include "sys/socket.h"

#include <linux/filter.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "sys/call.h"

namespace stasis::sys {
namespace {

constexpr std::size_t kMaxFds = 253;  // SCM_MAX_FD of the kernel
constexpr std::size_t kControlBytes =
    CMSG_SPACE(sizeof(int) * kMaxFds) + CMSG_SPACE(sizeof(ucred)) + 256;

const sockaddr* as_address(std::span<const std::uint8_t> bytes) {
  return reinterpret_cast<const sockaddr*>(bytes.data());
}

// Calls getsockname or getpeername; `address` is cut to what the kernel filled in.
template <class Call>
int get_name(Call call, int fd, SocketBytes& address) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  const int result = call(fd, reinterpret_cast<sockaddr*>(&storage), &length);
  if (result != 0) return result;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&storage);
  address.assign(bytes, bytes + std::min<std::size_t>(length, sizeof(storage)));
  return 0;
}

void take_control(msghdr& message, SocketMessage& into) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_CREDENTIALS) {
      ucred credentials{};
      std::memcpy(&credentials, CMSG_DATA(header), sizeof(credentials));
      into.credentials = credentials;
    }
    if (header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      into.fds.emplace_back(fd);
    }
  }
}

void append_control(msghdr& message, std::size_t& used, int type, const void* data,
                    std::size_t bytes) {
  auto* header = reinterpret_cast<cmsghdr*>(static_cast<std::byte*>(message.msg_control) + used);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(bytes);
  std::memcpy(CMSG_DATA(header), data, bytes);
  used += CMSG_SPACE(bytes);
}

}  // namespace

Result<UniqueFd> make_socket(int domain, int type, int protocol) {
  UniqueFd fd(::socket(domain, type | SOCK_CLOEXEC, protocol));
  if (!fd) return last_error("socket domain {} type {} protocol {}", domain, type, protocol);
  return fd;
}

Result<std::pair<UniqueFd, UniqueFd>> make_socket_pair(int domain, int type, int protocol) {
  std::array<int, 2> fds{};
  if (::socketpair(domain, type | SOCK_CLOEXEC, protocol, fds.data()) != 0) {
    return last_error("socketpair domain {} type {}", domain, type);
  }
  return std::pair{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Result<void> bind_socket(int fd, std::span<const std::uint8_t> address) {
  if (::bind(fd, as_address(address), static_cast<socklen_t>(address.size())) != 0) {
    return last_error("bind");
  }
  return {};
}

Result<void> connect_socket(int fd, std::span<const std::uint8_t> address) {
  const auto length = static_cast<socklen_t>(address.size());
  if (retry([&] { return ::connect(fd, as_address(address), length); }) != 0) {
    return last_error("connect");
  }
  return {};
}

Result<void> listen_socket(int fd, int backlog) {
  if (::listen(fd, backlog) != 0) return last_error("listen with backlog {}", backlog);
  return {};
}

Result<UniqueFd> accept_socket(int fd) {
  UniqueFd accepted(retry([&] { return ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC); }));
  if (!accepted) return last_error("accept");
  return accepted;
}

Result<void> shut_down_socket(int fd, int how) {
  if (::shutdown(fd, how) != 0) return last_error("shutdown {}", how);
  return {};
}

Result<SocketBytes> get_socket_name(int fd) {
  SocketBytes address;
  if (get_name(::getsockname, fd, address) != 0) return last_error("getsockname");
  return address;
}

Result<std::optional<SocketBytes>> get_peer_name(int fd) {
  SocketBytes address;
  if (get_name(::getpeername, fd, address) == 0) return std::optional(std::move(address));
  if (errno == ENOTCONN) return std::optional<SocketBytes>();
  return last_error("getpeername");
}

Result<SocketBytes> get_socket_option(int fd, int level, int name, std::size_t room) {
  SocketBytes value(room);
  auto length = static_cast<socklen_t>(room);
  if (::getsockopt(fd, level, name, value.data(), &length) != 0) {
    Error error = last_error("getsockopt level {} option {}", level, name);
    if (error.error_number() == ENOPROTOOPT) return std::move(error).as(ErrorKind::kUnsupported);
    return error;
  }
  value.resize(std::min<std::size_t>(length, room));
  return value;
}

Result<void> set_socket_option(int fd, int level, int name, std::span<const std::uint8_t> value) {
  const auto length = static_cast<socklen_t>(value.size());
  if (::setsockopt(fd, level, name, value.data(), length) != 0) {
    return last_error("setsockopt level {} option {}", level, name);
  }
  return {};
}

Result<int> get_socket_int(int fd, int level, int name) {
  int value = 0;
  socklen_t length = sizeof(value);
  if (::getsockopt(fd, level, name, &value, &length) != 0) {
    return last_error("getsockopt level {} option {}", level, name);
  }
  return value;
}

Result<void> set_socket_int(int fd, int level, int name, int value) {
  if (::setsockopt(fd, level, name, &value, sizeof(value)) != 0) {
    return last_error("setsockopt level {} option {} to {}", level, name, value);
  }
  return {};
}

Result<std::optional<SocketMessage>> peek_message(int fd, std::size_t room) {
  const auto buffer = std::make_unique_for_overwrite<std::uint8_t[]>(room);
  alignas(cmsghdr) std::array<std::byte, kControlBytes> control{};
  sockaddr_storage source{};
  iovec piece{buffer.get(), room};
  msghdr message{};
  message.msg_name = &source;
  message.msg_namelen = sizeof(source);
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got =
      retry([&] { return ::recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
  if (got < 0 && (errno == EAGAIN || errno == ENOTCONN || errno == EINVAL)) {
    return std::optional<SocketMessage>();
  }
  if (got < 0) return last_error("recvmsg with MSG_PEEK");
  SocketMessage result;
  result.data.assign(buffer.get(), buffer.get() + got);
  result.truncated = (message.msg_flags & MSG_TRUNC) != 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&source);
  result.source.assign(bytes, bytes + std::min<std::size_t>(message.msg_namelen, sizeof(source)));
  take_control(message, result);
  return std::optional(std::move(result));
}

Result<void> send_message(int fd, const OutgoingMessage& out) {
  if (out.fds.size() > kMaxFds) {
    return fail(ErrorKind::kInvalidArgument, "{} descriptors do not fit one message",
                out.fds.size());
  }
  alignas(cmsghdr) std::array<std::byte, kControlBytes> control{};
  iovec piece{const_cast<std::uint8_t*>(out.data.data()), out.data.size()};
  msghdr message{};
  message.msg_name = out.to.empty() ? nullptr : const_cast<std::uint8_t*>(out.to.data());
  message.msg_namelen = static_cast<socklen_t>(out.to.size());
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  std::size_t used = 0;
  if (!out.fds.empty()) {
    append_control(message, used, SCM_RIGHTS, out.fds.data(), out.fds.size_bytes());
  }
  if (out.credentials) {
    append_control(message, used, SCM_CREDENTIALS, &*out.credentials, sizeof(ucred));
  }
  if (used == 0) message.msg_control = nullptr;
  message.msg_controllen = used;
  const ssize_t sent = retry([&] { return ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT); });
  if (sent < 0) {
    return last_error("sendmsg of {} bytes and {} descriptors", out.data.size(), out.fds.size());
  }
  if (static_cast<std::size_t>(sent) != out.data.size()) {
    return fail(ErrorKind::kKernel, "sendmsg took {} of {} bytes", sent, out.data.size());
  }
  return {};
}

Result<bool> has_socket_filter(int fd) {
  socklen_t instructions = 0;
  if (::getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, nullptr, &instructions) == 0) {
    return instructions > 0;
  }
  if (errno == EACCES) return true;  // one that cannot be shown: eBPF
  return last_error("getsockopt SO_GET_FILTER");
}

Result<void> drop_incoming(int fd) {
  sock_filter drop{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
  const sock_fprog program{.len = 1, .filter = &drop};
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) != 0) {
    return last_error("setsockopt SO_ATTACH_FILTER");
  }
  return {};
}

Result<void> accept_incoming(int fd) { return set_socket_int(fd, SOL_SOCKET, SO_DETACH_FILTER, 0); }

Result<UniqueFd> get_socket_namespace(int fd) {
  UniqueFd ns(::ioctl(fd, SIOCGSKNS));
  if (!ns) return last_error("ioctl SIOCGSKNS");
  return ns;
}

}  // namespace stasis::sys
