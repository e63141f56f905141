// System V shared memory, semaphores and message queues, with their ids.
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "workloads/helper.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

constexpr key_t kKey = 0x5744'0001;

class SharedMemory : public Workload {
 public:
  void set_up() override {
    // A hole in the ids shows whether they are kept.
    const int unused = must_fd(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), "shmget");
    id_ = must_fd(shmget(kKey + getpid(), 3 << 20, IPC_CREAT | 0640), "shmget");
    must(shmctl(unused, IPC_RMID, nullptr), "shmctl");
    bytes_ = attach(id_, 0);
    read_only_ = attach(id_, SHM_RDONLY);
    removed_id_ = must_fd(shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600), "shmget");
    removed_ = attach(removed_id_, 0);
    std::strcpy(removed_, "removed but attached");
    must(shmctl(removed_id_, IPC_RMID, nullptr), "shmctl");
    for (std::size_t index = 0; index < (3 << 20); ++index)
      bytes_[index] = static_cast<char>(index % 127);
    helper_ = std::make_unique<Helper>([this](char) -> std::int64_t { return bytes_[100]; });
  }
  void verify() override {
    std::size_t wrong = 0;
    for (std::size_t index = 0; index < (3 << 20); ++index)
      wrong += bytes_[index] != static_cast<char>(index % 127);
    expect_equal("wrong bytes", 0, static_cast<std::int64_t>(wrong));
    expect_equal("id by key", id_, shmget(kKey + getpid(), 0, 0));
    shmid_ds status{};
    must(shmctl(id_, IPC_STAT, &status), "shmctl");
    expect_equal("attached", 4, static_cast<std::int64_t>(status.shm_nattch));
    expect_equal("mode", 0640, status.shm_perm.mode & 0777);
    expect_equal("creator", getpid(), status.shm_cpid);
    expect_equal("removed segment", "removed but attached", removed_);
    bytes_[100] = 'q';
    expect_equal("byte through the second mapping", 'q', read_only_[100]);
    expect_equal("byte in the child", 'q', helper_->ask('b'));
    bytes_[100] = 100;
  }

 private:
  static char* attach(int id, int flags) {
    void* at = shmat(id, nullptr, flags);
    if (at == reinterpret_cast<void*>(-1)) fail("shmat");
    return static_cast<char*>(at);
  }
  int id_ = -1, removed_id_ = -1;
  char *bytes_ = nullptr, *read_only_ = nullptr, *removed_ = nullptr;
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(SharedMemory, "sysv_shm");

class Semaphores : public Workload {
 public:
  void set_up() override {
    id_ = must_fd(semget(kKey + getpid(), 3, IPC_CREAT | 0600), "semget");
    std::array<unsigned short, 3> values = {5, 0, 7};
    must(semctl(id_, 0, SETALL, values.data()), "SETALL");
    // A child that holds one with SEM_UNDO: the kernel gives it back at the child's end.
    holder_ = std::make_unique<Helper>([this](char) -> std::int64_t {
      sembuf take{.sem_num = 2, .sem_op = -3, .sem_flg = SEM_UNDO};
      return semop(id_, &take, 1);
    });
    holder_->ask('t');
  }
  void verify() override {
    std::array<unsigned short, 3> values{};
    must(semctl(id_, 0, GETALL, values.data()), "GETALL");
    expect_equal("first", 5, values[0]);
    expect_equal("second", 0, values[1]);
    expect_equal("third", 4, values[2]);
    expect_equal("id by key", id_, semget(kKey + getpid(), 0, 0));
  }

 private:
  int id_ = -1;
  std::unique_ptr<Helper> holder_;
};

STASIS_WORKLOAD(Semaphores, "sysv_sem");

class MessageQueue : public Workload {
 public:
  void set_up() override {
    id_ = must_fd(msgget(kKey + getpid(), IPC_CREAT | 0600), "msgget");
    put_all();
  }
  void verify() override {
    expect_equal("id by key", id_, msgget(kKey + getpid(), 0));
    expect_next(0, 3, "first, type three");
    expect_next(0, 1, "second, type one");
    expect_next(0, 3, "");
    expect_equal("no more", ENOMSG,
                 msgrcv(id_, &message_, sizeof message_.text, 0, IPC_NOWAIT) == -1 ? errno : 0);
    put_all();
  }

 private:
  struct Message {
    long type = 0;
    char text[64] = {};
  };
  void put(long type, std::string_view text) {
    message_ = {};
    message_.type = type;
    std::memcpy(message_.text, text.data(), text.size());
    must(msgsnd(id_, &message_, text.size(), IPC_NOWAIT), "msgsnd");
  }
  void put_all() {
    put(3, "first, type three");
    put(1, "second, type one");
    put(3, "");
  }
  void expect_next(long wanted, long type, std::string_view text) {
    message_ = {};
    const ssize_t size = msgrcv(id_, &message_, sizeof message_.text, wanted, IPC_NOWAIT);
    expect_equal("size of a message", static_cast<std::int64_t>(text.size()), size);
    expect_equal("type of a message", type, message_.type);
    expect_equal("message", text, std::string_view(message_.text, text.size()));
  }
  int id_ = -1;
  Message message_;
};

STASIS_WORKLOAD(MessageQueue, "sysv_msg");

}  // namespace
}  // namespace stasis::workload
