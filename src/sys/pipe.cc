#include "sys/pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {

Result<std::uint64_t> get_pipe_capacity(int fd) {
  const int bytes = ::fcntl(fd, F_GETPIPE_SZ);
  if (bytes < 0) return last_error("fcntl F_GETPIPE_SZ fd {}", fd);
  return static_cast<std::uint64_t>(bytes);
}

Result<void> set_pipe_capacity(int fd, std::uint64_t bytes) {
  if (::fcntl(fd, F_SETPIPE_SZ, static_cast<int>(bytes)) < 0) {
    return last_error("fcntl F_SETPIPE_SZ {} fd {}", bytes, fd);
  }
  return {};
}

Result<std::size_t> write_some(int fd, std::string_view text) {
  const ssize_t put = retry([&] { return ::write(fd, text.data(), text.size()); });
  if (put < 0) return last_error("write {} bytes to fd {}", text.size(), fd);
  return static_cast<std::size_t>(put);
}

Result<std::uint64_t> copy_pipe(int from, int to, std::uint64_t bytes) {
  const ssize_t copied = retry([&] { return ::tee(from, to, bytes, SPLICE_F_NONBLOCK); });
  if (copied >= 0) return static_cast<std::uint64_t>(copied);
  if (errno == EAGAIN) return std::uint64_t{0};
  return last_error("tee {} bytes of fd {}", bytes, from);
}

Result<PipeBytes> take_from_pipe(int fd, std::uint64_t room) {
  PipeBytes bytes(room);
  const ssize_t got = retry([&] { return ::read(fd, bytes.data(), bytes.size()); });
  if (got < 0 && errno != EAGAIN) return last_error("read {} bytes of fd {}", room, fd);
  bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return bytes;
}

Result<void> put_into_pipe(int fd, const std::uint8_t* bytes, std::uint64_t size) {
  const ssize_t put = retry([&] { return ::write(fd, bytes, size); });
  if (put < 0) return last_error("write {} bytes to the pipe", size);
  if (static_cast<std::uint64_t>(put) != size) {
    return fail(ErrorKind::kKernel, "write to the pipe took {} of {} bytes", put, size);
  }
  return {};
}

}  // namespace stasis::sys
