// Restartable sequences: the C library registers an area for each thread, and the kernel keeps it
// up to date only while it is registered.
#include <sched.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "workloads/workload.h"

namespace stasis::workload {
namespace {

struct rseq* own_area() {
  return reinterpret_cast<struct rseq*>(static_cast<char*>(__builtin_thread_pointer()) +
                                        __rseq_offset);
}

// Registering again what is registered fails with EBUSY; anything else means that it was lost.
void check_area(std::string_view who) {
  const long result = syscall(SYS_rseq, own_area(), 32, 0, RSEQ_SIG);
  expect_equal(fmt::format("rseq of {}: errno of a second registration", who), EBUSY,
               result == 0 ? 0 : errno);
  cpu_set_t before, one;
  sched_getaffinity(0, sizeof before, &before);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &before)) continue;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) continue;
    expect_equal(fmt::format("rseq of {}: cpu", who), cpu,
                 static_cast<volatile struct rseq*>(own_area())->cpu_id);
  }
  sched_setaffinity(0, sizeof before, &before);
}

class Rseq : public Workload {
 public:
  void set_up() override {
    if (__rseq_size == 0) fail("use rseq: the C library has not registered it");
    other_ = std::thread([this] {
      std::unique_lock guard(lock_);
      while (true) {
        changed_.wait(guard, [this] { return asked_; });
        check_area("a thread");
        asked_ = false;
        changed_.notify_all();
      }
    });
  }
  void verify() override {
    check_area("the main thread");
    std::unique_lock guard(lock_);
    asked_ = true;
    changed_.notify_all();
    changed_.wait(guard, [this] { return !asked_; });
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  bool asked_ = false;
  std::thread other_;
};

STASIS_WORKLOAD(Rseq, "rseq");

}  // namespace
}  // namespace stasis::workload
