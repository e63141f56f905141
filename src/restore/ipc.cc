#include "restore/ipc.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>

#include <fmt/format.h>

#include "ns/entered_namespace.h"
#include "proc/namespace_maps.h"
#include "restore/end_process.h"
#include "restore/semaphore_undo.h"
#include "sys/file.h"
#include "sys/sysv_ipc.h"

namespace stasis::restore {
namespace {

constexpr NsPid kInit{1};
constexpr std::uint32_t kPermissions = 0777;
constexpr std::uint32_t kShmLocked = SHM_LOCKED;

Result<ns::EnteredNamespace> enter(HostPid process) {
  STASIS_ASSIGN(const auto dir, proc::ProcDir::open(process));
  STASIS_ASSIGN(const UniqueFd ns, dir.open_file("ns/ipc", O_RDONLY));
  return ns::EnteredNamespace::enter(ns.get(), CLONE_NEWIPC);
}

Result<std::uint32_t> id_inside(const std::vector<proc::IdRange>& map, std::uint32_t outside) {
  for (const auto& range : map) {
    if (outside >= range.outside && outside - range.outside < range.count) {
      return range.inside + (outside - range.outside);
    }
  }
  return fail(ErrorKind::kConflict, "user or group {} is not mapped in the container", outside);
}

sys::SysvObject to_object(const model::IpcPermissions& from) {
  sys::SysvObject object;
  object.id = static_cast<int>(from.id);
  object.uid = from.uid;
  object.gid = from.gid;
  object.mode = from.mode & kPermissions;
  return object;
}

class Maker {
 public:
  Maker(const image::ImageReader& image, LiveTask& root) : image_(image), root_(root) {}

  Result<void> run() {
    STASIS_ASSIGN(const auto dir, proc::ProcDir::open(root_.host()));
    STASIS_ASSIGN(uids_, proc::read_uid_map(dir));
    STASIS_ASSIGN(gids_, proc::read_gid_map(dir));
    STASIS_ASSIGN(const auto inside, enter(root_.host()));
    STASIS_TRY(expect_empty());
    const model::Ipc& ipc = image_.container().ipc;
    for (const auto& segment : ipc.segments) {
      STASIS_TRY(make_segment(segment).context(
          fmt::format("restoring System V segment {}", segment.permissions.id)));
    }
    for (const auto& set : ipc.semaphores) {
      STASIS_TRY(
          make_set(set).context(fmt::format("restoring semaphore set {}", set.permissions.id)));
    }
    for (const auto& queue : ipc.queues) {
      STASIS_TRY(make_queue(queue).context(
          fmt::format("restoring message queue {}", queue.permissions.id)));
    }
    return {};
  }

 private:
  // An id that is taken would be found too late: the object is made then, under another.
  static Result<void> expect_empty() {
    STASIS_ASSIGN(const auto segments, sys::list_segments());
    STASIS_ASSIGN(const auto sets, sys::list_semaphores());
    STASIS_ASSIGN(const auto queues, sys::list_queues());
    if (segments.empty() && sets.empty() && queues.empty()) return {};
    return fail(ErrorKind::kConflict,
                "the IPC namespace has {} System V objects already: restore the container into an "
                "IPC namespace of its own",
                segments.size() + sets.size() + queues.size());
  }

  Result<void> make_segment(const model::ShmSegment& segment) {
    courier::SyscallBatch batch;
    const int flags = static_cast<int>(IPC_CREAT | IPC_EXCL | kPermissions);
    STASIS_TRY(add_identity(batch, segment.permissions));
    const auto call = batch.must(SYS_shmget, segment.permissions.key, segment.size, flags);
    add_own_identity(batch);
    STASIS_TRY(create(batch, call, "shm", segment.permissions.id, segment.creator));
    STASIS_TRY(fill(segment));
    STASIS_TRY(sys::set_segment(to_object(segment.permissions)));
    if ((segment.permissions.mode & kShmLocked) == 0) return {};
    return sys::lock_segment(static_cast<int>(segment.permissions.id));
  }

  Result<void> fill(const model::ShmSegment& segment) const {
    const auto& content = image_.container().shared_memory[segment.shared_memory].content;
    if (content.extents.empty()) return {};
    STASIS_ASSIGN(const auto attached,
                  sys::AttachedSegment::attach(static_cast<int>(segment.permissions.id), 0));
    const std::span<std::byte> bytes(attached.data(), std::min(content.size, segment.size));
    for (const auto& extent : content.extents) {
      if (extent.object_offset >= bytes.size()) break;
      const std::uint64_t most = bytes.size() - extent.object_offset;
      const auto part = bytes.subspan(extent.object_offset, std::min(extent.length, most));
      STASIS_TRY(image_.read_data(extent.data_offset, part));
    }
    return {};
  }

  Result<void> make_set(const model::SemaphoreSet& set) {
    courier::SyscallBatch batch;
    const int flags = static_cast<int>(IPC_CREAT | IPC_EXCL | kPermissions);
    STASIS_TRY(add_identity(batch, set.permissions));
    const auto call = batch.must(SYS_semget, set.permissions.key, set.values.size(), flags);
    add_own_identity(batch);
    STASIS_TRY(create(batch, call, "sem", set.permissions.id, kInit));
    const sys::SysvObject object = to_object(set.permissions);
    STASIS_TRY(sys::set_semaphore_values(object.id, set.values));
    return sys::set_semaphores(object);
  }

  Result<void> make_queue(const model::MessageQueue& queue) {
    courier::SyscallBatch batch;
    const int flags = static_cast<int>(IPC_CREAT | IPC_EXCL | kPermissions);
    STASIS_TRY(add_identity(batch, queue.permissions));
    const auto call = batch.must(SYS_msgget, queue.permissions.key, flags);
    add_own_identity(batch);
    STASIS_TRY(create(batch, call, "msg", queue.permissions.id, kInit));
    sys::SysvQueue object;
    static_cast<sys::SysvObject&>(object) = to_object(queue.permissions);
    object.max_bytes = queue.max_bytes;
    STASIS_TRY(sys::set_queue(object).context(
        "a size above kernel.msgmnb must be allowed by that sysctl in config.json"));
    for (const auto& message : queue.messages) {
      STASIS_TRY(sys::send_message(object.id, {.type = message.type, .data = message.data}));
    }
    return {};
  }

  // An object remembers the effective ids of its creator.
  Result<void> add_identity(courier::SyscallBatch& batch, const model::IpcPermissions& wanted) {
    STASIS_ASSIGN(const std::uint32_t uid, id_inside(uids_, wanted.cuid));
    STASIS_ASSIGN(const std::uint32_t gid, id_inside(gids_, wanted.cgid));
    is_root_ = uid == 0 && gid == 0;
    if (is_root_) return {};
    batch.must(SYS_setresgid, -1, gid, -1);
    batch.must(SYS_setresuid, -1, uid, -1);
    return {};
  }

  void add_own_identity(courier::SyscallBatch& batch) const {
    if (is_root_) return;
    batch.must(SYS_setresuid, -1, 0, -1);
    batch.must(SYS_setresgid, -1, 0, -1);
    // A change of ids clears it: a half-restored tree must not outlive this program.
    batch.must(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  }

  // Runs the batch in a process of the wanted number; `call` is the one that gives the id.
  Result<void> create(courier::SyscallBatch& batch, courier::SyscallBatch::Call call,
                      std::string_view kind, std::uint32_t id, NsPid creator) {
    STASIS_TRY(sys::write_control_file(fmt::format("/proc/sys/kernel/{}_next_id", kind),
                                       fmt::format("{}", id)));
    if (creator == kInit || creator.value <= 0) {
      STASIS_TRY(root_.courier().run(batch));
    } else {
      STASIS_TRY(run_in_child(batch, creator));
    }
    if (batch.result(call) == std::int64_t{id}) return {};
    return fail(ErrorKind::kKernel, "the kernel gave it the id {}", batch.result(call));
  }

  // A pid outlives its process where an object remembers it.
  Result<void> run_in_child(courier::SyscallBatch& batch, NsPid pid) {
    STASIS_ASSIGN(const auto child, root_.fork(pid, SIGCHLD));
    STASIS_TRY(child->courier().run(batch));
    STASIS_TRY(end_process(*child, 0));
    courier::SyscallBatch reap;
    reap.must(SYS_wait4, pid.value, 0, __WALL | WNOHANG, 0);
    return root_.courier().run(reap);
  }

  const image::ImageReader& image_;
  LiveTask& root_;
  std::vector<proc::IdRange> uids_, gids_;
  bool is_root_ = true;
};

Result<void> run_all(ProcessTree& tree, const model::Container& container,
                     const std::vector<SemaphoreStep>& steps) {
  for (LiveProcess& live : tree.processes()) {
    const NsPid pid = container.processes[live.process].pid;
    courier::SyscallBatch batch;
    for (const SemaphoreStep& step : steps) {
      if (step.process != pid) continue;
      const auto room = batch.bytes(std::as_bytes(std::span(step.operations)));
      batch.must(SYS_semop, step.id, room, step.operations.size());
    }
    if (batch.empty()) continue;
    STASIS_TRY(live.leader().courier().run(batch).context(
        fmt::format("restoring semaphores of pid {}", pid.value)));
  }
  return {};
}

}  // namespace

Result<void> make_ipc_objects(const image::ImageReader& image, LiveTask& root) {
  if (image.container().ipc == model::Ipc{}) return {};
  return Maker(image, root).run();
}

Result<void> finish_ipc_objects(const model::Container& container, ProcessTree& tree) {
  const model::Ipc& ipc = container.ipc;
  if (ipc == model::Ipc{}) return {};
  STASIS_TRY(run_all(tree, container, plan_undo_steps(ipc)));
  STASIS_TRY(run_all(tree, container, plan_last_changes(ipc)));
  STASIS_ASSIGN(const auto inside, enter(tree.processes().front().leader().host()));
  for (const auto& segment : ipc.segments) {
    if (!segment.removed) continue;
    STASIS_TRY(sys::remove_segment(static_cast<int>(segment.permissions.id)));
  }
  return {};
}

}  // namespace stasis::restore
