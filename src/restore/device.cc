#include "restore/device.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <functional>

#include <fmt/format.h>

#include "base/rollback.h"
#include "cgroup/hierarchy.h"
#include "proc/cgroup_membership.h"
#include "proc/proc_dir.h"
#include "restore/reopened.h"
#include "sys/child_process.h"
#include "sys/fd_passing.h"
#include "sys/file.h"
#include "sys/node.h"
#include "sys/signals.h"
#include "sys/socket.h"

namespace stasis::restore {
namespace {

// A cgroup that is frozen would keep the child for ever.
constexpr time_t kAnswerSeconds = 10;

// The cgroup directory of `init` in the hierarchy that controls devices; "" when none does, or when
// this process is there itself.
Result<std::string> find_device_cgroup(HostPid init) {
  STASIS_ASSIGN(const auto dir, proc::ProcDir::open(init));
  STASIS_ASSIGN(const auto memberships, proc::read_cgroup(dir));
  STASIS_ASSIGN(const auto hierarchies, cgroup::read_hierarchies());
  const auto* membership = proc::find_v1(memberships, "devices");
  const bool is_v1 = membership != nullptr;
  if (!is_v1) membership = proc::find_v2(memberships);
  if (membership == nullptr) return std::string();
  for (const auto& hierarchy : hierarchies) {
    const bool found =
        is_v1 ? hierarchy.has_controller("devices") : hierarchy.version == cgroup::Version::kV2;
    if (!found) continue;
    if (hierarchy.own_path == membership->path) return std::string();
    return hierarchy.directory_of(membership->path);
  }
  return fail(ErrorKind::kUnsupported,
              "the cgroup hierarchy that controls devices is not mounted here");
}

// What the child answers: the descriptor comes with an errno of 0.
using Answer = std::array<std::byte, sizeof(int)>;

// What the child does; the descriptor that it gives may be none.
using Work = std::function<Result<UniqueFd>()>;

// Waits until it has been put into the cgroup, works, answers. No way back.
[[noreturn]] void work_in_child(int channel, const Work& work) {
  Answer word{};
  int status = 0;
  if (sys::receive_record(channel, word)) {
    const auto done = work();
    const int error = done ? 0 : done.error().error_number();
    std::memcpy(word.data(), &error, sizeof(error));
    const int fd = done ? done->get() : -1;
    const std::span<const int> fds(&fd, fd >= 0 ? 1U : 0U);
    status = sys::send_record(channel, word, fds) ? 0 : 1;
  }
  ::_exit(status);
}

Result<UniqueFd> receive_answer(int channel) {
  const timeval limit{.tv_sec = kAnswerSeconds, .tv_usec = 0};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&limit);
  STASIS_TRY(sys::set_socket_option(channel, SOL_SOCKET, SO_RCVTIMEO, {bytes, sizeof(limit)}));
  Answer word{};
  STASIS_ASSIGN(
      auto record,
      sys::receive_record(channel, word).context("waiting for a child in the container's cgroup"));
  int error = 0;
  std::memcpy(&error, word.data(), sizeof(error));
  if (error != 0) return Error::from_errno("as the container", error);
  return record.fds.empty() ? UniqueFd() : std::move(record.fds.front());
}

// Runs `work` in a child process that is a member of the cgroups of `init` that control devices;
// here, when this process is.
Result<UniqueFd> work_in_device_cgroup(HostPid init, const Work& work) {
  STASIS_ASSIGN(const auto directory, find_device_cgroup(init));
  if (directory.empty()) return work();
  STASIS_ASSIGN(auto channel, sys::make_record_pair());
  STASIS_ASSIGN(const HostPid child, sys::clone_process(0));
  if (child.value == 0) work_in_child(channel.second.get(), work);
  channel.second.reset();
  Rollback end_child;
  end_child.push([child] {
    static_cast<void>(sys::kill(child, SIGKILL));
    static_cast<void>(sys::wait_for_exit(child));
  });
  STASIS_TRY(sys::write_control_file(directory + "/cgroup.procs", fmt::format("{}", child.value)));
  STASIS_TRY(sys::send_record(channel.first.get(), Answer{}));
  return receive_answer(channel.first.get());
}

}  // namespace

bool is_default_device(std::uint32_t type, dev_t device) {
  constexpr unsigned kMemory = 1;
  constexpr unsigned kTty = 5;
  constexpr unsigned kFirstPts = 136;
  constexpr unsigned kLastPts = 143;
  if ((type & S_IFMT) != S_IFCHR) return false;
  const unsigned minor_number = minor(device);
  const unsigned major_number = major(device);
  switch (major_number) {
    case kMemory:  // null, zero, full, random, urandom
      return minor_number == 3 || minor_number == 5 || (minor_number >= 7 && minor_number <= 9);
    case kTty:  // tty, console, ptmx
      return minor_number <= 2;
    default:
      return major_number >= kFirstPts && major_number <= kLastPts;
  }
}

Result<UniqueFd> open_device(int node, std::uint32_t flags, HostPid init) {
  STASIS_ASSIGN(UniqueFd fd, work_in_device_cgroup(init, [&] {
                               return reopen(node, flags);
                             }).context("opening a device"));
  if (!fd) return fail(ErrorKind::kTaskDied, "the child in the container's cgroup died");
  return fd;
}

Result<void> make_device_node(int dir_fd, const std::string& name, mode_t mode, dev_t device,
                              HostPid init) {
  const auto make = [&]() -> Result<UniqueFd> {
    STASIS_TRY(sys::make_node_at(dir_fd, name, mode, device));
    return UniqueFd();
  };
  STASIS_TRY(work_in_device_cgroup(init, make).context(fmt::format("mknod '{}'", name)));
  return {};
}

}  // namespace stasis::restore
