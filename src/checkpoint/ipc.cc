#include "checkpoint/ipc.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/parse.h"
#include "checkpoint/semaphore_undo.h"
#include "ns/entered_namespace.h"
#include "sys/file.h"
#include "sys/mounting.h"
#include "sys/process.h"
#include "sys/sysv_ipc.h"

namespace stasis::checkpoint {
namespace {

constexpr std::string_view kNamespaceLink = "ns/ipc";

model::IpcPermissions describe(const sys::SysvObject& object) {
  return {.key = object.key,
          .id = static_cast<std::uint32_t>(object.id),
          .uid = object.uid,
          .gid = object.gid,
          .cuid = object.cuid,
          .cgid = object.cgid,
          .mode = object.mode & ~static_cast<std::uint32_t>(SHM_DEST)};
}

}  // namespace

Result<IpcCollector> IpcCollector::create(SeizedContainer& all, model::Container& container,
                                          std::vector<Blocker>& blockers) {
  const proc::ProcDir& init = all.processes().front().dir;
  STASIS_ASSIGN(UniqueFd ns, init.open_file(std::string(kNamespaceLink), O_RDONLY));
  STASIS_ASSIGN(const std::string own, init.read_link(std::string(kNamespaceLink)));
  IpcCollector collector(std::move(ns), container, blockers);
  STASIS_TRY(collector.refuse_other_namespaces(all, own));
  STASIS_TRY(collector.list().context("System V IPC"));
  const model::Ipc& found = container.ipc;
  if (found.segments.empty() && found.semaphores.empty() && found.queues.empty()) {
    return collector;
  }
  STASIS_ASSIGN(collector.shared_, collector.is_shared(all, own));
  if (collector.shared_) container.ipc = {};
  return collector;
}

Result<void> IpcCollector::refuse_other_namespaces(SeizedContainer& all, const std::string& own) {
  for (const SeizedProcess& process : all.processes()) {
    if (process.zombie) continue;
    STASIS_ASSIGN(const std::string link, process.dir.read_link(std::string(kNamespaceLink)));
    if (std::ranges::equal(link, own)) continue;
    blockers_->push_back({process.pid, process.status.name, "",
                          "an IPC namespace other than that of the container's first process",
                          "end the process before the checkpoint"});
  }
  return {};
}

// Looked at last: what is there is stopped or somebody else's.
Result<bool> IpcCollector::is_shared(const SeizedContainer& all, const std::string& own) const {
  STASIS_ASSIGN(const auto names, sys::list_dir_at(sys::kCwd, "/proc"));
  for (const std::string& name : names) {
    const auto number = parse_number<pid_t>(name);
    if (!number || all.find(HostPid{*number}) != nullptr) continue;
    const auto link = sys::read_link_at(sys::kCwd, fmt::format("/proc/{}/ns/ipc", *number));
    if (link && *link == own) return true;
  }
  return false;
}

Result<void> IpcCollector::list() {
  STASIS_ASSIGN(const auto inside, ns::EnteredNamespace::enter(namespace_.get(), CLONE_NEWIPC));
  model::Ipc& ipc = container_->ipc;
  STASIS_ASSIGN(const auto segments, sys::list_segments());
  for (const auto& segment : segments) {
    segment_indexes_.push_back(segment.index);
    ipc.segments.push_back({.permissions = describe(segment),
                            .size = segment.bytes,
                            .removed = (segment.mode & SHM_DEST) != 0});
  }
  STASIS_ASSIGN(const auto sets, sys::list_semaphores());
  for (const auto& set : sets) {
    STASIS_ASSIGN(auto values, sys::get_semaphore_values(set.id, set.count));
    ipc.semaphores.push_back({.permissions = describe(set), .values = std::move(values)});
  }
  STASIS_TRY(list_messages());
  return refuse_posix_queues();
}

Result<void> IpcCollector::list_messages() {
  STASIS_ASSIGN(const auto queues, sys::list_queues());
  for (const auto& queue : queues) {
    model::MessageQueue described{.permissions = describe(queue), .max_bytes = queue.max_bytes};
    for (std::uint64_t i = 0; i < queue.messages; ++i) {
      auto message = sys::peek_message(queue.id, i, queue.bytes);
      if (!message && message.error().kind() == ErrorKind::kUnsupported) {
        block(fmt::format("a System V message queue with {} messages in it", queue.messages),
              "empty it before the checkpoint: this kernel was built without "
              "CONFIG_CHECKPOINT_RESTORE and cannot copy them");
        break;
      }
      STASIS_TRY(message);
      described.messages.push_back({.type = message->type, .data = std::move(message->data)});
    }
    container_->ipc.queues.push_back(std::move(described));
  }
  return {};
}

// Each IPC namespace has a file system of them, whether it is mounted or not.
Result<void> IpcCollector::refuse_posix_queues() {
  const auto mounted = sys::make_mount("mqueue", "mqueue", {}, 0);
  if (!mounted) return {};  // a kernel without them
  STASIS_ASSIGN(const auto names, sys::list_dir(mounted->get()));
  for (const std::string& name : names) {
    block(fmt::format("a POSIX message queue, '/{}'", name),
          "have the program close and unlink it before the checkpoint");
  }
  return {};
}

// Who created a segment, and who changed a semaphore last.
Result<void> IpcCollector::ask_init(courier::Courier& courier) {
  model::Ipc& ipc = container_->ipc;
  if (ipc.segments.empty() && ipc.semaphores.empty()) return {};
  courier::SyscallBatch batch;
  std::vector<std::pair<courier::SyscallBatch::Call, courier::DataRef>> statuses;
  for (std::size_t i = 0; i < ipc.segments.size(); ++i) {
    const auto room = batch.reserve(sizeof(shmid_ds));
    statuses.emplace_back(batch.add(SYS_shmctl, segment_indexes_[i], SHM_STAT_ANY, room), room);
  }
  std::vector<courier::SyscallBatch::Call> pids;
  for (const auto& set : ipc.semaphores) {
    for (std::size_t i = 0; i < set.values.size(); ++i) {
      pids.push_back(batch.add(SYS_semctl, set.permissions.id, i, GETPID, 0));
    }
  }
  STASIS_TRY(courier.run(batch).context("asking for System V IPC"));
  for (std::size_t i = 0; i < ipc.segments.size(); ++i) {
    if (batch.result(statuses[i].first) < 0) continue;
    ipc.segments[i].creator = NsPid{batch.output_as<shmid_ds>(statuses[i].second).shm_cpid};
  }
  auto pid = pids.begin();
  for (auto& set : ipc.semaphores) {
    for (std::size_t i = 0; i < set.values.size(); ++i, ++pid) {
      const std::int64_t answer = batch.result(*pid);
      set.last_pids.push_back(NsPid{static_cast<pid_t>(std::max<std::int64_t>(answer, 0))});
    }
  }
  return {};
}

Result<void> IpcCollector::ask_process(SeizedProcess& process, courier::Courier& leader) {
  if (container_->ipc.semaphores.empty()) return {};
  std::vector<HostPid> threads;
  for (const auto& thread : process.threads) threads.push_back(thread.task.tid());
  STASIS_ASSIGN(const UndoOwner owner, find_undo_owner(threads));
  if (owner == UndoOwner::kNobody) return {};
  const auto block_process = [&](std::string what) {
    blockers_->push_back({process.pid, process.status.name, "", std::move(what),
                          "have it give the semaphores back before the checkpoint"});
  };
  if (owner == UndoOwner::kSingleThread) {
    block_process("a thread with SEM_UNDO adjustments of its own");
    return {};
  }
  STASIS_ASSIGN(const auto found, ask_undo(leader, process.pid, container_->ipc.semaphores));
  if (!found.all_seen) {
    block_process("SEM_UNDO adjustments of semaphores that it may not use any more");
    return {};
  }
  if (found.adjustments.empty()) return {};
  for (const SeizedProcess* other : undoers_) {
    STASIS_ASSIGN(const int order, sys::kcmp(other->host, process.host, sys::KcmpType::kSysvSem));
    if (order == 0) {
      block_process(fmt::format("SEM_UNDO adjustments shared with pid {}", other->pid.value));
      return {};
    }
  }
  undoers_.push_back(&process);
  auto& all = container_->ipc.undo;
  all.insert(all.end(), found.adjustments.begin(), found.adjustments.end());
  return {};
}

Result<std::uint32_t> IpcCollector::memory_of(model::ShmSegment& segment, ObjectRegistry& objects) {
  const auto& memories = container_->shared_memory;
  const std::uint32_t id = segment.permissions.id;
  for (std::uint32_t i = 0; i < memories.size(); ++i) {
    if (memories[i].kind == model::SharedMemoryKind::kSysv && memories[i].sysv_id == id) return i;
  }
  // Nobody has it attached: what a mapping of our own gives is kept open.
  STASIS_ASSIGN(const auto attached,
                sys::AttachedSegment::attach(static_cast<int>(id), SHM_RDONLY));
  const auto start = reinterpret_cast<std::uint64_t>(attached.data());
  const std::uint64_t bytes =
      (segment.size + model::kPageSize - 1) / model::kPageSize * model::kPageSize;
  STASIS_ASSIGN(
      const UniqueFd fd,
      sys::open(fmt::format("/proc/self/map_files/{:x}-{:x}", start, start + bytes), O_RDONLY));
  return objects.shared_memory_of(fd.get());
}

Result<void> IpcCollector::finish(ObjectRegistry& objects) {
  if (shared_) {
    for (const auto& memory : container_->shared_memory) {
      if (memory.kind != model::SharedMemoryKind::kSysv) continue;
      block(fmt::format("System V segment {}, of an IPC namespace that others use too",
                        memory.sysv_id),
            "give the container an IPC namespace of its own");
    }
    return {};
  }
  auto& segments = container_->ipc.segments;
  if (segments.empty()) return {};
  STASIS_ASSIGN(const auto inside, ns::EnteredNamespace::enter(namespace_.get(), CLONE_NEWIPC));
  STASIS_ASSIGN(const std::string forced, sys::read_file("/proc/sys/kernel/shm_rmid_forced"));
  if (trim(forced) != "0") {
    block(
        "System V segments with kernel.shm_rmid_forced set, which removes what nobody has "
        "attached",
        "set kernel.shm_rmid_forced to 0 in the container's sysctls");
    return {};
  }
  for (auto& segment : segments) {
    auto memory = memory_of(segment, objects);
    if (!memory) {
      return std::move(memory.error())
          .context(fmt::format("System V segment {}", segment.permissions.id));
    }
    segment.shared_memory = *memory;
  }
  return {};
}

void IpcCollector::block(std::string what, std::string advice) {
  blockers_->push_back(
      {.pid = {}, .comm = {}, .where = {}, .what = std::move(what), .advice = std::move(advice)});
}

}  // namespace stasis::checkpoint
