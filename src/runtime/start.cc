#include "runtime/start.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>

#include "oci/parse_spec.h"
#include "resctrl/group.h"
#include "runtime/hooks.h"
#include "runtime/members.h"
#include "sys/child_process.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

Error died_before_start() {
  return fail(ErrorKind::kTaskDied, "the container's process ended before it was started");
}

// Waits until the fifo can be read, or the process that writes to it has ended.
bool wait_for_fifo(int fifo, int pidfd) {
  std::array<pollfd, 2> watched{pollfd{fifo, POLLIN, 0}, pollfd{pidfd, POLLIN, 0}};
  while (::poll(watched.data(), watched.size(), -1) < 0) {
  }
  return watched[0].revents != 0;
}

// The protocol of exec.fifo: "0", then an error's text or nothing, then the end at execve. Waiting
// with poll: a fifo that nobody has opened for writing yet reads as ended.
Result<void> open_gate(const StateDirectory& state, int pidfd) {
  STASIS_ASSIGN(const UniqueFd fifo,
                sys::open_at(state.dir_fd(), kExecFifo, O_RDONLY | O_NONBLOCK));
  std::string text;
  while (true) {
    if (!wait_for_fifo(fifo.get(), pidfd)) break;
    std::array<std::byte, 4096> buffer;
    auto got = sys::read_some(fifo.get(), buffer);
    if (!got && got.error().error_number() == EAGAIN) continue;
    STASIS_ASSIGN(const std::size_t size, std::move(got));
    if (size == 0) break;
    text.append(reinterpret_cast<const char*>(buffer.data()), size);
  }
  if (text.empty()) return died_before_start();
  if (text.size() > 1) return decode_error(std::string_view(text).substr(1));
  return {};
}

Result<void> run_poststart(const oci::Spec& spec, const oci::ContainerRecord& record) {
  const std::string state =
      oci::encode_state(record, oci::Status::kRunning, record.init_pid, oci::Shape::kSpecification);
  return run_hooks(spec.hooks.poststart, {"poststart", state, record.bundle});
}

}  // namespace

Result<void> start_container(const StateStore& store, const std::string& id) {
  STASIS_ASSIGN(const Container container, Container::open(store, id, Access::kChange));
  STASIS_ASSIGN(const oci::Status status, container.status());
  if (status != oci::Status::kCreated) {
    return fail(ErrorKind::kConflict, "cannot start container '{}': it is {}, expected created", id,
                to_string(status));
  }
  STASIS_ASSIGN(const oci::Spec spec, container.spec());
  const auto init = container.init();
  if (!init) return died_before_start();
  auto opened = open_gate(container.state(), init->get());
  STASIS_TRY(container.state().remove_exec_fifo());
  STASIS_TRY(std::move(opened));
  auto hooked = run_poststart(spec, container.record());
  if (!hooked) static_cast<void>(container.cgroup().kill_all());
  return hooked;
}

Result<void> start_launched(LaunchedContainer& launched, const oci::Spec& spec) {
  STASIS_TRY(launched.channel.send(Message::kStart));
  STASIS_TRY(launched.channel.expect_end());
  return run_poststart(spec, launched.record);
}

Result<void> destroy_container(const StateDirectory& state, const oci::ContainerRecord& record,
                               const cgroup::ContainerCgroup& cgroup) {
  if (cgroup.record().directories.empty()) STASIS_TRY(end_first_process(record));
  STASIS_TRY(cgroup.kill_all());
  STASIS_TRY(cgroup.remove());
  if (record.resctrl) STASIS_TRY(resctrl::remove_group(*record.resctrl));
  // A config.json that was fit to create the container is fit to be read; without one there is no
  // hook to run.
  const auto text = state.read_config();
  STASIS_TRY(state.remove());
  if (!text) return {};
  const auto spec = oci::parse_spec(*text);
  if (!spec) return {};
  run_poststop_hooks(spec->hooks.poststop, record);
  return {};
}

}  // namespace stasis::runtime
