// System V IPC of the caller's IPC namespace (sysvipc(7)): shmctl(2), shmat(2), semctl(2),
// msgctl(2), msgrcv(2), msgsnd(2). With CAP_IPC_OWNER, or root's other capabilities, in the
// namespace's user namespace no object is refused. Ids of users are those of the caller's user
// namespace. EIDRM, EINVAL (kKernel): the object is gone. Objects are listed by SHM_STAT_ANY and
// its like, Linux 4.17.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"

namespace stasis::sys {

struct SysvObject {
  int index = 0;  // what SHM_STAT_ANY and its like take
  int id = 0;
  std::int32_t key = 0;
  std::uint32_t uid = 0, gid = 0, cuid = 0, cgid = 0;
  std::uint32_t mode = 0;  // permission bits; of segments SHM_DEST and SHM_LOCKED too
};

struct SysvSegment : SysvObject {
  std::uint64_t bytes = 0;
  std::uint64_t attached = 0;
};
struct SysvSemaphores : SysvObject {
  std::size_t count = 0;
};
struct SysvQueue : SysvObject {
  std::uint64_t max_bytes = 0;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  // in all messages
};
Result<std::vector<SysvSegment>> list_segments();
Result<std::vector<SysvSemaphores>> list_semaphores();
Result<std::vector<SysvQueue>> list_queues();

Result<std::vector<std::uint16_t>> get_semaphore_values(int id, std::size_t count);
// Forgets all SEM_UNDO adjustments of the set.
Result<void> set_semaphore_values(int id, std::span<const std::uint16_t> values);

struct SysvMessage {
  std::int64_t type = 0;
  std::vector<std::uint8_t> data;
};
// The message at `position` (from 0), which stays: MSG_COPY, Linux 3.8, CONFIG_CHECKPOINT_RESTORE.
// ENOSYS: this kernel has not got it. `most_bytes`: room for its data.
Result<SysvMessage> peek_message(int id, std::uint64_t position, std::size_t most_bytes);
// Does not wait: EAGAIN (kKernel) when the queue is full.
Result<void> send_message(int id, const SysvMessage& message);

// IPC_SET: uid, gid, mode, and of queues max_bytes. EPERM: more than kernel.msgmnb needs
// CAP_SYS_RESOURCE.
Result<void> set_segment(const SysvObject& object);
Result<void> set_semaphores(const SysvObject& object);
Result<void> set_queue(const SysvQueue& queue);
// SHM_LOCK, CAP_IPC_LOCK.
Result<void> lock_segment(int id);
// IPC_RMID: goes when the last one detaches.
Result<void> remove_segment(int id);

// A segment in this process while the object lives.
class AttachedSegment {
 public:
  // `flags`: SHM_RDONLY or 0.
  static Result<AttachedSegment> attach(int id, int flags);
  AttachedSegment(AttachedSegment&& other) noexcept : at_(std::exchange(other.at_, nullptr)) {}
  AttachedSegment& operator=(AttachedSegment&&) = delete;
  ~AttachedSegment();

  std::byte* data() const { return static_cast<std::byte*>(at_); }

 private:
  explicit AttachedSegment(void* at) : at_(at) {}
  void* at_;
};

}  // namespace stasis::sys
