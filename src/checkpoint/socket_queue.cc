// What was sent to a socket and not read yet, by MSG_PEEK. SO_PEEK_OFF (Linux 3.4) walks through
// the queue; it is put back as it was. The kernel shows each empty message only once so.
#include "checkpoint/socket_queue.h"

#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/rollback.h"
#include "proc/proc_dir.h"
#include "sys/file.h"
#include "sys/socket.h"

namespace stasis::checkpoint {
namespace {

constexpr std::size_t kRoom = std::size_t{256} << 10;
constexpr std::size_t kMostRoom = std::size_t{64} << 20;

struct Queue {
  int fd = -1;
  std::uint64_t offset = 0;
  std::size_t room = kRoom;
};

// The next message; a longer one than there is room for is peeked at again with more room.
Result<std::optional<sys::SocketMessage>> peek_next(Queue& queue) {
  while (true) {
    STASIS_TRY(
        sys::set_socket_int(queue.fd, SOL_SOCKET, SO_PEEK_OFF, static_cast<int>(queue.offset)));
    STASIS_ASSIGN(auto message, sys::peek_message(queue.fd, queue.room));
    if (!message || !message->truncated) return message;
    if (queue.room >= kMostRoom) {
      return fail(ErrorKind::kUnsupported, "a message of more than {} bytes", kMostRoom);
    }
    queue.room *= 2;
  }
}

Result<std::uint32_t> add_in_flight(FileContext& files, UniqueFd fd, const CollectedFile& holder) {
  CollectedFile found;
  STASIS_ASSIGN(found.status, sys::stat_fd(fd.get()));
  STASIS_ASSIGN(const auto self, proc::ProcDir::open(HostPid{::getpid()}));
  STASIS_ASSIGN(found.info, proc::read_fd_info(self, fd.get()));
  STASIS_ASSIGN(found.link, proc::read_fd_link(self, fd.get()));
  found.fd = std::move(fd);
  found.host = holder.host;
  found.pid = holder.pid;
  found.comm = holder.comm;
  found.where = fmt::format("a descriptor in the queue of {}", holder.where);
  return files.find_or_add(std::move(found));
}

Result<model::QueuedMessage> describe(FileContext& files, sys::SocketMessage message,
                                      std::uint32_t holder) {
  model::QueuedMessage described;
  described.data = std::move(message.data);
  described.source_address = std::move(message.source);
  for (auto& fd : message.fds) {
    STASIS_ASSIGN(const auto file, add_in_flight(files, std::move(fd), files.files[holder]));
    described.open_files.push_back(file);
  }
  if (message.credentials) {
    const auto pid = files.to_ns(HostPid{message.credentials->pid});
    described.credentials = model::SocketCredentials{
        pid.value_or(NsPid{}), message.credentials->uid, message.credentials->gid};
  }
  return described;
}

// Sets an option of a socket for as long as the rollback lives.
Result<Rollback> set_for_now(int fd, int option, int value) {
  STASIS_ASSIGN(const int before, sys::get_socket_int(fd, SOL_SOCKET, option));
  Rollback put_back;
  if (before == value) return put_back;
  STASIS_TRY(sys::set_socket_int(fd, SOL_SOCKET, option, value));
  put_back.push([fd, option, before] {
    static_cast<void>(sys::set_socket_int(fd, SOL_SOCKET, option, before));
  });
  return put_back;
}

bool is_end_of_file(const sys::SocketMessage& message, QueueKind kind) {
  if (!message.data.empty() || !message.fds.empty()) return false;
  switch (kind) {
    case QueueKind::kStream:
      return true;
    case QueueKind::kRecords:
      return !message.credentials;
    case QueueKind::kDatagrams:
      return false;
  }
  return false;
}

}  // namespace

Result<std::vector<model::QueuedMessage>> collect_socket_queue(FileContext& files,
                                                               std::uint32_t file, QueueKind kind) {
  Queue queue;
  queue.fd = files.files[file].fd.get();
  STASIS_ASSIGN(const auto offset, set_for_now(queue.fd, SO_PEEK_OFF, 0));
  // A record comes with its sender's credentials for whoever wants them; the end of file does not.
  bool unasked = false;
  if (kind == QueueKind::kRecords) {
    STASIS_ASSIGN(const int asked, sys::get_socket_int(queue.fd, SOL_SOCKET, SO_PASSCRED));
    unasked = asked == 0;
  }
  STASIS_ASSIGN(const auto credentials,
                unasked ? set_for_now(queue.fd, SO_PASSCRED, 1) : Result<Rollback>(Rollback()));
  std::vector<model::QueuedMessage> messages;
  while (true) {
    STASIS_ASSIGN(auto message, peek_next(queue));
    if (!message || is_end_of_file(*message, kind)) return messages;
    if (unasked) message->credentials.reset();
    queue.offset += message->data.size();
    STASIS_ASSIGN(auto described, describe(files, std::move(*message), file));
    messages.push_back(std::move(described));
  }
}

}  // namespace stasis::checkpoint
