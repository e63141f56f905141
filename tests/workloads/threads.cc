// Threads with thread-local storage, names, signal masks and robust mutexes, all blocked in
// futexes.
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "workloads/workload.h"

namespace stasis::workload {
namespace {

thread_local std::int64_t local_value = -1;

class Threads : public Workload {
  static constexpr int kThreads = 32;

 public:
  void set_up() override {
    for (int index = 0; index < kThreads; ++index)
      threads_.emplace_back([=, this] { body(index); });
    wait_for_round();
  }

  void verify() override {
    {
      const std::lock_guard guard(lock_);
      ++round_;
      arrived_ = 0;
    }
    go_.notify_all();
    wait_for_round();
  }

 private:
  void wait_for_round() {
    std::unique_lock guard(lock_);
    done_.wait(guard, [this] { return arrived_ == kThreads; });
  }

  void body(int index) {
    local_value = 1000 + index;
    const std::string name = fmt::format("worker-{}", index);
    must(prctl(PR_SET_NAME, name.c_str()), "name a thread");
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGRTMIN + index % 20);
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    const long tid = syscall(SYS_gettid);
    const pthread_t self = pthread_self();
    for (int seen = 0;;) {
      std::unique_lock guard(lock_);
      ++arrived_;
      done_.notify_one();
      go_.wait(guard, [&] { return round_ != seen; });
      seen = round_;
      guard.unlock();
      check(index, name, mask, tid, self);
    }
  }

  static void check(int index, const std::string& name, const sigset_t& mask, long tid,
                    pthread_t self) {
    std::array<char, 16> found_name{};
    prctl(PR_GET_NAME, found_name.data());
    sigset_t found_mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &found_mask);
    expect_equal("thread-local value", 1000 + index, local_value);
    expect_equal("thread name", name, found_name.data());
    expect_equal("tid", tid, syscall(SYS_gettid));
    expect(pthread_equal(self, pthread_self()) != 0, "pthread_self");
    for (int number = 1; number <= SIGRTMAX; ++number) {
      expect_equal(fmt::format("thread {} blocks signal {}", index, number),
                   sigismember(&mask, number), sigismember(&found_mask, number));
    }
  }

  std::mutex lock_;
  std::condition_variable go_, done_;
  int round_ = 0, arrived_ = 0;
  std::vector<std::thread> threads_;
};

STASIS_WORKLOAD(Threads, "threads");

// A thread dies holding a robust mutex: the kernel walks the list that the thread registered. And
// pthread_join sees its end through the cleared tid.
class RobustMutex : public Workload {
 public:
  void set_up() override {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust_, &attributes);
    start();
  }

  void verify() override {
    exit_.unlock();
    thread_.join();
    expect_equal("lock of a dead thread", EOWNERDEAD, pthread_mutex_lock(&robust_));
    pthread_mutex_consistent(&robust_);
    pthread_mutex_unlock(&robust_);
    exit_.lock();
    start();
  }

 private:
  void start() {
    std::mutex ready;
    std::unique_lock guard(ready);
    bool locked = false;
    std::condition_variable changed;
    if (!exit_held_) exit_.lock();
    exit_held_ = true;
    thread_ = std::thread([&, this] {
      pthread_mutex_lock(&robust_);
      {
        const std::lock_guard inner(ready);
        locked = true;
        changed.notify_one();
      }
      exit_.lock();
      exit_.unlock();
    });
    changed.wait(guard, [&] { return locked; });
  }

  pthread_mutex_t robust_{};
  std::mutex exit_;
  bool exit_held_ = false;
  std::thread thread_;
};

STASIS_WORKLOAD(RobustMutex, "robust_mutex");

}  // namespace
}  // namespace stasis::workload
