// Pipes beyond reading and writing: pipe(7), tee(2), F_GETPIPE_SZ (Linux 2.6.35).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

Result<std::uint64_t> get_pipe_capacity(int fd);
// Rounded up to a power of two pages. EPERM: above /proc/sys/fs/pipe-max-size and no
// CAP_SYS_RESOURCE.
Result<void> set_pipe_capacity(int fd, std::uint64_t bytes);

// One write(2): how much of `text` was taken. EAGAIN: the pipe is full, and O_NONBLOCK.
Result<std::size_t> write_some(int fd, std::string_view text);

// What is in a pipe: one element for each buffer that a read(2) in packet mode would give.
using PipeBytes = std::vector<std::uint8_t>;

// Copies up to `bytes` from the pipe read by `from` into the pipe written by `to`, without taking
// them out; does not wait. 0: the pipe is empty.
Result<std::uint64_t> copy_pipe(int from, int to, std::uint64_t bytes);

// One read(2) that takes out up to `room` bytes (in packet mode: one packet). Nothing when empty.
Result<PipeBytes> take_from_pipe(int fd, std::uint64_t room);
// One write(2) of all of `bytes`, without waiting; in packet mode one packet.
Result<void> put_into_pipe(int fd, const std::uint8_t* bytes, std::uint64_t size);

}  // namespace stasis::sys
