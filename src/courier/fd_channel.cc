#include "courier/fd_channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <algorithm>
#include <cstddef>

#include "sys/fd_passing.h"
#include "sys/process.h"

namespace stasis::courier {
namespace {

constexpr std::size_t kMostFdsAtOnce = 253;  // SCM_MAX_FD
constexpr unsigned kLastFd = ~0U;

void add_receive(SyscallBatch& batch, int socket, std::size_t count) {
  const auto byte = batch.reserve(1);
  const auto control = batch.reserve(CMSG_SPACE(count * sizeof(int)));
  iovec part{nullptr, 1};
  const auto vector = batch.value(part);
  batch.point(vector, offsetof(iovec, iov_base), byte);
  msghdr header{};
  header.msg_iovlen = 1;
  header.msg_controllen = control.size;
  const auto message = batch.value(header);
  batch.point(message, offsetof(msghdr, msg_iov), vector);
  batch.point(message, offsetof(msghdr, msg_control), control);
  batch.must(SYS_recvmsg, socket, message, MSG_DONTWAIT);
}

}  // namespace

Result<FdChannel> FdChannel::open(Courier& courier, int pidfd, int number) {
  SyscallBatch batch;
  batch.describe("making the descriptor channel");
  const auto pair = batch.reserve(2 * sizeof(int));
  batch.must(SYS_close_range, 0, kLastFd, 0);
  batch.must(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET, 0, pair);  // becomes 0 and 1
  STASIS_TRY(courier.run(batch));
  STASIS_ASSIGN(UniqueFd end, sys::pidfd_getfd(pidfd, 1));
  SyscallBatch move;
  move.must(SYS_dup3, 0, number, O_CLOEXEC);
  move.must(SYS_close_range, 0, 1, 0);
  STASIS_TRY(courier.run(move));
  return FdChannel(std::move(end), number);
}

Result<UniqueFd> FdChannel::duplicate_task_end(int pidfd) const {
  return sys::pidfd_getfd(pidfd, number_);
}

Result<void> FdChannel::adopt_in(Courier& courier, int inherited) const {
  if (inherited != number_) {
    SyscallBatch batch;
    batch.describe("placing the descriptor channel");
    batch.must(SYS_dup3, inherited, number_, O_CLOEXEC);
    STASIS_TRY(courier.run(batch));
  }
  return close_others(courier);
}

std::vector<int> FdChannel::numbers(std::size_t count) const {
  std::vector<int> numbers;
  for (int fd = 0; numbers.size() < count; ++fd) {
    if (fd != number_) numbers.push_back(fd);
  }
  return numbers;
}

Result<std::vector<int>> FdChannel::send(Courier& courier, std::span<const int> fds) const {
  constexpr std::byte kByte{0};
  for (std::size_t first = 0; first < fds.size(); first += kMostFdsAtOnce) {
    const auto part = fds.subspan(first, std::min(kMostFdsAtOnce, fds.size() - first));
    STASIS_TRY(sys::send_record(end_.get(), std::span(&kByte, 1), part));
    SyscallBatch batch;
    batch.describe("taking descriptors from the controller");
    add_receive(batch, number_, part.size());
    STASIS_TRY(courier.run(batch));
  }
  return numbers(fds.size());
}

Result<void> FdChannel::close_others(Courier& courier) const {
  SyscallBatch batch;
  if (number_ > 0) batch.must(SYS_close_range, 0, number_ - 1, 0);
  batch.must(SYS_close_range, number_ + 1, kLastFd, 0);
  return courier.run(batch);
}

Result<void> FdChannel::close_in(Courier& courier) const {
  SyscallBatch batch;
  batch.must(SYS_close, number_);
  return courier.run(batch);
}

}  // namespace stasis::courier
