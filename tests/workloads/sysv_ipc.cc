// System V shared memory, semaphores and message queues, with their ids.
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
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
    helper_ = std::make_unique<Helper>([this](char question) -> std::int64_t {
      if (question == 'c') return shmget(kKey + getppid() + 1, 5000, IPC_CREAT | 0600);
      return bytes_[100];
    });
    make_unattached();
    make_split();
  }
  void verify() override {
    check_unattached();
    check_split();
    expect(mprotect(read_only_, 4096, PROT_READ | PROT_WRITE) == -1,
           "a segment attached with SHM_RDONLY stays read-only");
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
  // Made by another process, changed, and attached by nobody.
  void make_unattached() {
    unattached_id_ = must_fd(helper_->ask('c'), "shmget in a child");
    char* bytes = attach(unattached_id_, 0);
    std::strcpy(bytes + 4096, "attached by nobody");
    must(shmdt(bytes), "shmdt");
    shmid_ds status{};
    status.shm_perm.uid = 1234;
    status.shm_perm.gid = 5678;
    status.shm_perm.mode = 0604;
    must(shmctl(unattached_id_, IPC_SET, &status), "IPC_SET");
  }
  void check_unattached() const {
    shmid_ds status{};
    must(shmctl(unattached_id_, IPC_STAT, &status), "shmctl");
    expect_equal("id by key of the one that a child made", unattached_id_,
                 shmget(kKey + getpid() + 1, 0, 0));
    expect_equal("its creator", helper_->pid(), status.shm_cpid);
    expect_equal("its owner", 1234, status.shm_perm.uid);
    expect_equal("its group", 5678, status.shm_perm.gid);
    expect_equal("its mode", 0604, status.shm_perm.mode & 0777);
    expect_equal("its size", 5000, static_cast<std::int64_t>(status.shm_segsz));
    expect_equal("attached to it", 0, static_cast<std::int64_t>(status.shm_nattch));
    char* bytes = attach(unattached_id_, SHM_RDONLY);
    expect_equal("its text", "attached by nobody", bytes + 4096);
    must(shmdt(bytes), "shmdt");
  }
  // With a hole in the middle, in which another mapping lies, and a part of another protection.
  void make_split() {
    split_id_ = must_fd(shmget(IPC_PRIVATE, 8 * kPage, IPC_CREAT | 0600), "shmget");
    split_ = attach(split_id_, 0);
    for (std::size_t page = 0; page < 8; ++page)
      split_[page * kPage] = static_cast<char>('a' + page);
    must(munmap(split_ + 2 * kPage, 2 * kPage), "munmap");
    void* inside = mmap(split_ + 2 * kPage, kPage, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (inside == MAP_FAILED) fail("mmap");
    split_[2 * kPage] = 'X';
    must(mprotect(split_ + 6 * kPage, kPage, PROT_READ), "mprotect");
    must(munmap(split_ + 7 * kPage, kPage), "munmap");
  }
  void check_split() const {
    for (const std::size_t page : {0, 1, 4, 5, 6})
      expect_equal("page of the split segment", static_cast<char>('a' + page),
                   split_[page * kPage]);
    expect_equal("page in its hole", 'X', split_[2 * kPage]);
    expect_equal("unmapped page", ENOMEM, msync(split_ + 3 * kPage, kPage, MS_ASYNC) ? errno : 0);
    expect_equal("unmapped end", ENOMEM, msync(split_ + 7 * kPage, kPage, MS_ASYNC) ? errno : 0);
    must(mprotect(split_ + 6 * kPage, kPage, PROT_READ | PROT_WRITE), "mprotect");
    split_[6 * kPage] = 'g';
    must(mprotect(split_ + 6 * kPage, kPage, PROT_READ), "mprotect");
    char* whole = attach(split_id_, SHM_RDONLY);
    expect_equal("page outside of the mapping", 'h', whole[7 * kPage]);
    must(shmdt(whole), "shmdt");
  }
  static char* attach(int id, int flags) {
    void* at = shmat(id, nullptr, flags);
    if (at == reinterpret_cast<void*>(-1)) fail("shmat");
    return static_cast<char*>(at);
  }
  static constexpr std::size_t kPage = 4096;
  int id_ = -1, removed_id_ = -1, unattached_id_ = -1, split_id_ = -1;
  char *bytes_ = nullptr, *read_only_ = nullptr, *removed_ = nullptr, *split_ = nullptr;
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(SharedMemory, "sysv_shm");

class Semaphores : public Workload {
 public:
  void set_up() override {
    id_ = must_fd(semget(kKey + getpid(), 3, IPC_CREAT | 0600), "semget");
    std::array<unsigned short, 3> values = {5, 0, 7};
    must(semctl(id_, 0, SETALL, values.data()), "SETALL");
    make_holder();
  }
  void verify() override {
    expect_values("held", {5, 4, 4});
    expect_equal("id by key", id_, semget(kKey + getpid(), 0, 0));
    expect_equal("who changed the first last", getpid(), semctl(id_, 0, GETPID, 0));
    expect_equal("who changed the third last", holder_->pid(), semctl(id_, 2, GETPID, 0));
    // At the holder's end the kernel gives back what it took, and takes back what it gave.
    must(kill(holder_->pid(), SIGKILL), "kill");
    must(waitpid(holder_->pid(), nullptr, 0), "waitpid");
    expect_values("given back", {5, 0, 7});
    make_holder();
  }

 private:
  void make_holder() {
    holder_ = std::make_unique<Helper>([this](char) -> std::int64_t {
      std::array<sembuf, 2> change = {
          sembuf{.sem_num = 2, .sem_op = -3, .sem_flg = SEM_UNDO},
          sembuf{.sem_num = 1, .sem_op = 4, .sem_flg = SEM_UNDO},
      };
      return semop(id_, change.data(), change.size());
    });
    expect_equal("semop of the holder", 0, holder_->ask('t'));
  }
  void expect_values(std::string_view when, const std::array<unsigned short, 3>& wanted) const {
    std::array<unsigned short, 3> values{};
    must(semctl(id_, 0, GETALL, values.data()), "GETALL");
    for (std::size_t index = 0; index < values.size(); ++index) {
      expect_equal(when, wanted[index], values[index]);
    }
  }
  int id_ = -1;
  std::unique_ptr<Helper> holder_;
};

STASIS_WORKLOAD(Semaphores, "sysv_sem");

class MessageQueue : public Workload {
 public:
  void set_up() override {
    id_ = must_fd(msgget(kKey + getpid(), IPC_CREAT | 0600), "msgget");
    msqid_ds status{};
    status.msg_perm.mode = 0620;
    status.msg_perm.uid = 77;
    status.msg_qbytes = 5000;
    must(msgctl(id_, IPC_SET, &status), "IPC_SET");
    put_all();
  }
  void verify() override {
    expect_equal("id by key", id_, msgget(kKey + getpid(), 0));
    msqid_ds status{};
    must(msgctl(id_, IPC_STAT, &status), "IPC_STAT");
    expect_equal("messages", 3, static_cast<std::int64_t>(status.msg_qnum));
    expect_equal("most bytes", 5000, static_cast<std::int64_t>(status.msg_qbytes));
    expect_equal("owner", 77, status.msg_perm.uid);
    expect_equal("mode", 0620, status.msg_perm.mode & 0777);
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
