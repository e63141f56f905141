#include "sys/sysv_ipc.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include <cstring>

#include "sys/call.h"

namespace stasis::sys {
namespace {

// semctl(2): the caller defines it.
union SemaphoreArgument {
  int value;
  semid_ds* status;
  unsigned short* values;
  seminfo* info;
};

void fill_object(SysvObject& object, int index, int id, const ipc_perm& from) {
  object.index = index;
  object.id = id;
  object.key = from.__key;
  object.uid = from.uid;
  object.gid = from.gid;
  object.cuid = from.cuid;
  object.cgid = from.cgid;
  object.mode = from.mode;
}

ipc_perm to_permissions(const SysvObject& object) {
  ipc_perm to{};
  to.uid = object.uid;
  to.gid = object.gid;
  to.mode = static_cast<unsigned short>(object.mode & 0777);
  return to;
}

// `highest`: the largest index in use, -1 on failure. `stat(index)` gives an id; -1: none there.
template <class Object, class Stat>
Result<std::vector<Object>> list_objects(int highest, const char* what, Stat stat) {
  if (highest < 0) return last_error("listing System V {}", what);
  std::vector<Object> objects;
  for (int index = 0; index <= highest; ++index) {
    Object object;
    if (stat(index, object)) {
      objects.push_back(std::move(object));
    } else if (errno != EINVAL && errno != EIDRM) {
      return last_error("looking at System V {} {}", what, index);
    }
  }
  return objects;
}

}  // namespace

Result<std::vector<SysvSegment>> list_segments() {
  shm_info info{};
  const int highest = ::shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds*>(&info));
  return list_objects<SysvSegment>(highest, "segments", [](int index, SysvSegment& object) {
    shmid_ds status{};
    const int id = ::shmctl(index, SHM_STAT_ANY, &status);
    if (id < 0) return false;
    fill_object(object, index, id, status.shm_perm);
    object.bytes = status.shm_segsz;
    object.attached = status.shm_nattch;
    return true;
  });
}

Result<std::vector<SysvSemaphores>> list_semaphores() {
  seminfo info{};
  const int highest = ::semctl(0, 0, SEM_INFO, SemaphoreArgument{.info = &info});
  return list_objects<SysvSemaphores>(highest, "semaphores", [](int index, SysvSemaphores& object) {
    semid_ds status{};
    const int id = ::semctl(index, 0, SEM_STAT_ANY, SemaphoreArgument{.status = &status});
    if (id < 0) return false;
    fill_object(object, index, id, status.sem_perm);
    object.count = status.sem_nsems;
    return true;
  });
}

Result<std::vector<SysvQueue>> list_queues() {
  msginfo info{};
  const int highest = ::msgctl(0, MSG_INFO, reinterpret_cast<msqid_ds*>(&info));
  return list_objects<SysvQueue>(highest, "message queues", [](int index, SysvQueue& object) {
    msqid_ds status{};
    const int id = ::msgctl(index, MSG_STAT_ANY, &status);
    if (id < 0) return false;
    fill_object(object, index, id, status.msg_perm);
    object.max_bytes = status.msg_qbytes;
    object.messages = status.msg_qnum;
    object.bytes = status.__msg_cbytes;
    return true;
  });
}

Result<std::vector<std::uint16_t>> get_semaphore_values(int id, std::size_t count) {
  std::vector<std::uint16_t> values(count);
  if (::semctl(id, 0, GETALL, SemaphoreArgument{.values = values.data()}) < 0) {
    return last_error("semctl {} GETALL", id);
  }
  return values;
}

Result<void> set_semaphore_values(int id, std::span<const std::uint16_t> values) {
  std::vector<std::uint16_t> copy(values.begin(), values.end());
  if (::semctl(id, 0, SETALL, SemaphoreArgument{.values = copy.data()}) < 0) {
    return last_error("semctl {} SETALL", id);
  }
  return {};
}

Result<SysvMessage> peek_message(int id, std::uint64_t position, std::size_t most_bytes) {
  std::vector<std::byte> buffer(sizeof(long) + most_bytes);
  const ssize_t got =
      ::msgrcv(id, buffer.data(), most_bytes, static_cast<long>(position), MSG_COPY | IPC_NOWAIT);
  if (got < 0) return last_error("msgrcv {} MSG_COPY of message {}", id, position);
  long type = 0;
  std::memcpy(&type, buffer.data(), sizeof(type));
  SysvMessage message{.type = type, .data = {}};
  message.data.resize(static_cast<std::size_t>(got));
  if (got > 0) std::memcpy(message.data.data(), buffer.data() + sizeof(long), message.data.size());
  return message;
}

Result<void> send_message(int id, const SysvMessage& message) {
  std::vector<std::byte> buffer(sizeof(long) + message.data.size());
  const long type = message.type;
  std::memcpy(buffer.data(), &type, sizeof(type));
  if (!message.data.empty()) {
    std::memcpy(buffer.data() + sizeof(type), message.data.data(), message.data.size());
  }
  if (::msgsnd(id, buffer.data(), message.data.size(), IPC_NOWAIT) != 0) {
    return last_error("msgsnd {} of {} bytes", id, message.data.size());
  }
  return {};
}

Result<void> set_segment(const SysvObject& object) {
  shmid_ds status{};
  status.shm_perm = to_permissions(object);
  if (::shmctl(object.id, IPC_SET, &status) != 0) return last_error("shmctl {} IPC_SET", object.id);
  return {};
}

Result<void> set_semaphores(const SysvObject& object) {
  semid_ds status{};
  status.sem_perm = to_permissions(object);
  if (::semctl(object.id, 0, IPC_SET, SemaphoreArgument{.status = &status}) < 0) {
    return last_error("semctl {} IPC_SET", object.id);
  }
  return {};
}

Result<void> set_queue(const SysvQueue& queue) {
  msqid_ds status{};
  status.msg_perm = to_permissions(queue);
  status.msg_qbytes = queue.max_bytes;
  if (::msgctl(queue.id, IPC_SET, &status) != 0) {
    return last_error("msgctl {} IPC_SET with {} bytes", queue.id, queue.max_bytes);
  }
  return {};
}

Result<void> lock_segment(int id) {
  if (::shmctl(id, SHM_LOCK, nullptr) != 0) return last_error("shmctl {} SHM_LOCK", id);
  return {};
}

Result<void> remove_segment(int id) {
  if (::shmctl(id, IPC_RMID, nullptr) != 0) return last_error("shmctl {} IPC_RMID", id);
  return {};
}

Result<AttachedSegment> AttachedSegment::attach(int id, int flags) {
  void* at = ::shmat(id, nullptr, flags);
  if (at == reinterpret_cast<void*>(-1)) return last_error("shmat {}", id);
  return AttachedSegment(at);
}

AttachedSegment::~AttachedSegment() {
  if (at_ != nullptr) ::shmdt(at_);
}

}  // namespace stasis::sys
