#include "checkpoint/peer_pids.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "ns/spawn.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/socket.h"

namespace stasis::checkpoint {
namespace {

// What the child sends for each socket; -1 when it could not be read.
std::int32_t read_peer_pid(int socket) {
  const auto bytes = sys::get_socket_option(socket, SOL_SOCKET, SO_PEERCRED, sizeof(ucred));
  if (!bytes || bytes->size() != sizeof(ucred)) return -1;
  ucred who{};
  std::memcpy(&who, bytes->data(), sizeof(who));
  return who.pid;
}

[[noreturn]] void answer(std::span<const int> sockets, int to) {
  for (const int socket : sockets) {
    const std::int32_t pid = read_peer_pid(socket);
    if (!sys::write_all(to, std::as_bytes(std::span(&pid, 1)))) ::_exit(1);
  }
  ::_exit(0);
}

}  // namespace

Result<std::vector<NsPid>> read_peer_pids(const proc::ProcDir& init, std::span<const int> sockets) {
  std::vector<NsPid> pids;
  if (sockets.empty()) return pids;
  ns::NamespacePlan plan;
  STASIS_ASSIGN(UniqueFd pid_namespace, init.open_file("ns/pid", O_RDONLY));
  plan.joined.push_back({ns::Kind::kPid, std::move(pid_namespace), "the container's"});
  STASIS_ASSIGN(auto pipe, sys::make_pipe(0));
  STASIS_ASSIGN(const HostPid child,
                ns::spawn(plan, [&] { answer(sockets, pipe.write_end.get()); }));
  pipe.write_end.reset();
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    std::int32_t pid = -1;
    STASIS_ASSIGN(const auto got, sys::take_from_pipe(pipe.read_end.get(), sizeof(pid)));
    if (got.size() == sizeof(pid)) std::memcpy(&pid, got.data(), sizeof(pid));
    if (pid < 0) break;
    pids.push_back(NsPid{pid});
  }
  pipe.read_end.reset();
  STASIS_TRY(sys::wait_for_exit(child));
  if (pids.size() == sockets.size()) return pids;
  return fail(ErrorKind::kKernel, "SO_PEERCRED cannot be read in the container's pid namespace");
}

}  // namespace stasis::checkpoint
