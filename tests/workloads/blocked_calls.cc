// Threads inside system calls that block: a checkpoint must not be seen by any of them. Each call
// ends when verify() makes its event happen, and must then return what it returns without one.
// Calls that the kernel ends with EINTR after every stop, also one that no handler saw (signal(7):
// epoll_wait, sigtimedwait, and those with a limit), are made again as every program has to.
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "workloads/workload.h"

namespace stasis::workload {
namespace {

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  must(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  return ends;
}

// One thread in one call, over and over.
struct Blocked {
  std::string name;
  std::function<std::int64_t()> call;  // blocks; the value, or -errno
  std::function<void()> wake;
  std::int64_t expected;
  std::int64_t result = 0;
  std::atomic<long> tid = 0;
  std::binary_semaphore again{1}, returned{0};
  std::thread thread;
};

std::int64_t value_or_errno(std::int64_t result) { return result == -1 ? -errno : result; }

class BlockedCalls : public Workload {
 public:
  void set_up() override {
    signal(SIGCHLD, SIG_DFL);
    sigaddset(&waited_, SIGRTMIN + 7);
    sigprocmask(SIG_BLOCK, &waited_, nullptr);
    add_descriptor_calls();
    add_other_calls();
    for (auto& one : calls_) one->thread = std::thread([&call = *one] { run(call); });
    for (const auto& one : calls_) wait_until_blocked(*one);
  }

  void verify() override {
    for (const auto& one : calls_) {
      if (one->returned.try_acquire()) {
        differs(fmt::format("{} returned {} before its event", one->name, one->result));
        one->again.release();
      }
      one->wake();
      one->returned.acquire();
      expect_equal(one->name, one->expected, one->result);
      one->again.release();
    }
    for (const auto& one : calls_) wait_until_blocked(*one);
  }

 private:
  static void run(Blocked& one) {
    one.tid = syscall(SYS_gettid);
    while (true) {
      one.again.acquire();
      one.result = one.call();
      one.returned.release();
    }
  }

  // /proc/self/task/TID/syscall starts with the number of the call that a thread sleeps in.
  static void wait_until_blocked(const Blocked& one) {
    while (one.tid == 0) std::this_thread::yield();
    const std::string path = fmt::format("/proc/self/task/{}/syscall", one.tid.load());
    for (std::string text = read_text(path); text.starts_with("running");) text = read_text(path);
  }

  void add(const std::string& name, std::function<std::int64_t()> call, std::function<void()> wake,
           std::int64_t expected) {
    calls_.push_back(std::make_unique<Blocked>());
    calls_.back()->name = name;
    calls_.back()->call = std::move(call);
    calls_.back()->wake = std::move(wake);
    calls_.back()->expected = expected;
  }

  // Calls that end when a byte arrives in a pipe, and take it out.
  void add_for_pipe(const std::string& name, const std::function<std::int64_t(int fd)>& wait) {
    const auto ends = make_pipe();
    add(
        name,
        [wait, fd = ends[0]] {
          const std::int64_t result = value_or_errno(wait(fd));
          char byte = 0;
          must(read(fd, &byte, 1), "read");
          return result;
        },
        [fd = ends[1]] { must(write(fd, "x", 1), "write"); }, 1);
  }

  void add_descriptor_calls() {
    const auto ends = make_pipe();
    add(
        "read of a pipe",
        [fd = ends[0]] {
          char byte = 0;
          return value_or_errno(read(fd, &byte, 1));
        },
        [fd = ends[1]] { must(write(fd, "x", 1), "write"); }, 1);
    add_for_pipe("poll without limit", [](int fd) {
      pollfd wait{fd, POLLIN, 0};
      return poll(&wait, 1, -1);
    });
    add_for_pipe("poll with a limit", [](int fd) {
      pollfd wait{fd, POLLIN, 0};
      int result = 0;
      while ((result = poll(&wait, 1, 3'600'000)) < 0 && errno == EINTR) {
      }
      return result;
    });
    add_for_pipe("ppoll", [](int fd) {
      pollfd wait{fd, POLLIN, 0};
      return ppoll(&wait, 1, nullptr, nullptr);
    });
    add_for_pipe("select", [](int fd) {
      fd_set set;
      FD_ZERO(&set);
      FD_SET(fd, &set);
      return select(fd + 1, &set, nullptr, nullptr, nullptr);
    });
    add_for_pipe("epoll_wait",
                 [epoll = must_fd(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")](int fd) {
                   epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
                   epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
                   int result = 0;
                   while ((result = epoll_wait(epoll, &event, 1, -1)) < 0 && errno == EINTR) {
                   }
                   return result;
                 });
    std::array<int, 2> pair{};
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), "socketpair");
    add(
        "recv",
        [fd = pair[0]] {
          char byte = 0;
          return value_or_errno(recv(fd, &byte, 1, 0));
        },
        [fd = pair[1]] { must(send(fd, "x", 1, 0), "send"); }, 1);
    const int counter = must_fd(eventfd(0, EFD_CLOEXEC), "eventfd");
    add(
        "read of an eventfd",
        [counter] {
          std::int64_t value = 0;
          const std::int64_t result = read(counter, &value, sizeof value);
          return result == -1 ? -errno : value;
        },
        [counter] {
          const std::int64_t value = 5;
          must(write(counter, &value, sizeof value), "write");
        },
        5);
  }

  void add_other_calls() {
    add(
        "futex",
        [this] {
          std::int64_t result = 0;
          while (word_ == 0 && result == 0)
            result = value_or_errno(syscall(SYS_futex, &word_, FUTEX_WAIT, 0, nullptr));
          word_ = 0;
          return result;
        },
        [this] {
          word_ = 1;
          must(syscall(SYS_futex, &word_, FUTEX_WAKE, 1), "futex");
        },
        0);
    add(
        "sigwaitinfo",
        [this] {
          siginfo_t info{};
          std::int64_t result = 0;
          while ((result = value_or_errno(sigwaitinfo(&waited_, &info))) == -EINTR) {
          }
          return result > 0 ? info.si_value.sival_int : result;
        },
        [] { must(sigqueue(getpid(), SIGRTMIN + 7, sigval{.sival_int = 31}), "sigqueue"); }, 31);
    add(
        "waitpid",
        [this] {
          const auto ends = make_pipe();
          const pid_t child = static_cast<pid_t>(must(fork(), "fork"));
          if (child == 0) {
            char byte = 0;
            close(ends[1]);
            _exit(read(ends[0], &byte, 1) == 1 ? 9 : 10);
          }
          close(ends[0]);
          child_end_ = ends[1];
          int status = 0;
          const std::int64_t result = value_or_errno(waitpid(child, &status, 0));
          close(child_end_.exchange(-1));  // the next round has another
          return result == child ? WEXITSTATUS(status) : result;
        },
        [this] {
          while (child_end_ == -1) std::this_thread::yield();
          must(write(child_end_, "x", 1), "write");
        },
        9);
  }

  std::vector<std::unique_ptr<Blocked>> calls_;
  sigset_t waited_{};
  std::atomic<int> child_end_ = -1;
  alignas(4) volatile int word_ = 0;
};

STASIS_WORKLOAD(BlockedCalls, "blocked_calls");

// Sleeps with an end: the whole time has to pass, and no more than it.
class Sleeping : public Workload {
 public:
  void set_up() override {
    threads_.emplace_back([this] { sleep_relative(); });
    threads_.emplace_back([this] { sleep_absolute(); });
    threads_.emplace_back([this] { wait_in_futex(); });
  }

  void verify() override {
    const int before = rounds_;
    while (rounds_ < before + 3) rounds_.wait(rounds_);
    expect_equal("sleeps that were too short", 0, too_short_);
    expect_equal("sleeps that failed", 0, failed_);
  }

 private:
  static constexpr long kNanoseconds = 150'000'000;

  static std::int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
  }

  void finished(std::int64_t started) {
    if (now_ns() < started + kNanoseconds) ++too_short_;
    ++rounds_;
    rounds_.notify_all();
  }

  void sleep_relative() {
    while (true) {
      const std::int64_t started = now_ns();
      timespec left{0, kNanoseconds};
      int result = 0;
      while ((result = nanosleep(&left, &left)) != 0 && errno == EINTR) {
      }
      if (result != 0) ++failed_;
      finished(started);
    }
  }

  void sleep_absolute() {
    while (true) {
      const std::int64_t started = now_ns();
      const std::int64_t end = started + kNanoseconds;
      const timespec until{end / 1'000'000'000, end % 1'000'000'000};
      int result = 0;
      while ((result = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr)) == EINTR) {
      }
      if (result != 0) ++failed_;
      finished(started);
    }
  }

  void wait_in_futex() {
    int word = 0;
    while (true) {
      const std::int64_t started = now_ns();
      const std::int64_t end = started + kNanoseconds;
      const timespec until{end / 1'000'000'000, end % 1'000'000'000};
      long result = 0;
      while ((result = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &until, nullptr, ~0U)) ==
                 -1 &&
             errno == EINTR) {
      }
      if (result != -1 || errno != ETIMEDOUT) ++failed_;
      finished(started);
    }
  }

  std::atomic<int> rounds_ = 0, too_short_ = 0, failed_ = 0;
  std::vector<std::thread> threads_;
};

STASIS_WORKLOAD(Sleeping, "sleeping");

}  // namespace
}  // namespace stasis::workload
