// System V IPC objects of the container's IPC namespace, and their ids.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/data.h"

namespace stasis::model {

struct IpcPermissions {  // struct ipc_perm
  std::int32_t key = 0;
  std::uint32_t id = 0;
  std::uint32_t uid = 0, gid = 0, cuid = 0, cgid = 0, mode = 0;
  bool operator==(const IpcPermissions&) const = default;
};

struct ShmSegment {
  IpcPermissions permissions;
  std::uint64_t size = 0;               // bytes
  std::uint32_t shared_memory = 0;      // index into Container::shared_memory: the content
  bool removed = false;                 // IPC_RMID done, attached still (SHM_DEST)
  NsPid creator;                        // shm_cpid; 0: from outside of the container
  bool operator==(const ShmSegment&) const = default;
};

struct SemaphoreSet {
  IpcPermissions permissions;
  std::vector<std::uint16_t> values;
  std::vector<NsPid> last_pids;         // who changed each last (GETPID); 0: nobody, or outside
  bool operator==(const SemaphoreSet&) const = default;
};

// What the kernel adds to a semaphore when a process ends (semop(2), SEM_UNDO).
struct SemaphoreUndo {
  NsPid process;
  std::uint32_t set = 0;                // index into Ipc::semaphores
  std::uint32_t number = 0;             // of the semaphore in its set
  std::int32_t adjustment = 0;          // not 0
  bool operator==(const SemaphoreUndo&) const = default;
};

struct IpcMessage {
  std::int64_t type = 0;
  Bytes data;
  bool operator==(const IpcMessage&) const = default;
};

struct MessageQueue {
  IpcPermissions permissions;
  std::uint64_t max_bytes = 0;
  std::vector<IpcMessage> messages;
  bool operator==(const MessageQueue&) const = default;
};

struct Ipc {
  std::vector<ShmSegment> segments;
  std::vector<SemaphoreSet> semaphores;
  std::vector<SemaphoreUndo> undo;
  std::vector<MessageQueue> queues;
  bool operator==(const Ipc&) const = default;
};

}  // namespace stasis::model
