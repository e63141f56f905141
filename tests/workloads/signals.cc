// Signal actions, masks, alternate stacks, and signals that are pending with all that came with
// them.
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "workloads/workload.h"

namespace stasis::workload {
namespace {

volatile sig_atomic_t handled = 0;
char* volatile handler_stack = nullptr;
volatile std::int64_t handled_value = 0;

void on_signal(int number, siginfo_t* info, void*) {
  char here = 0;
  handler_stack = &here;
  handled_value = info->si_value.sival_int;
  handled = number;
}

class SignalActions : public Workload {
  static constexpr std::size_t kStack = 64 * 1024;

 public:
  void set_up() override {
    stack_ = static_cast<char*>(
        mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    const stack_t alternate{.ss_sp = stack_, .ss_flags = 0, .ss_size = kStack};
    must(sigaltstack(&alternate, nullptr), "sigaltstack");
    install(SIGUSR1, SA_SIGINFO | SA_ONSTACK | SA_RESTART, SIGUSR2);
    install(SIGUSR2, SA_SIGINFO | SA_NODEFER, SIGHUP);
    install(SIGRTMIN + 3, SA_SIGINFO | SA_ONSTACK, SIGRTMAX);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    for (const int number : {SIGPIPE, SIGHUP, SIGTTOU})
      must(sigaction(number, &ignore, nullptr), "sigaction");
    sigset_t mask;
    sigemptyset(&mask);
    for (const int number : {SIGTERM, SIGCHLD, SIGRTMAX}) sigaddset(&mask, number);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
    before_ = describe();
  }

  void verify() override {
    const auto now = describe();
    for (std::size_t index = 0; index < before_.size(); ++index)
      expect_equal("signal", before_[index], now[index]);
    stack_t alternate{};
    sigaltstack(nullptr, &alternate);
    expect(alternate.ss_sp == stack_ && alternate.ss_size == kStack, "alternate stack");
    for (const int number : {SIGUSR1, SIGRTMIN + 3}) {
      handled = 0;
      must(sigqueue(getpid(), number, sigval{.sival_int = 77}), "sigqueue");
      expect_equal("handled signal", number, handled);
      expect_equal("value of the handled signal", 77, handled_value);
      expect(handler_stack >= stack_ && handler_stack < stack_ + kStack,
             "not on the alternate stack");
    }
  }

 private:
  static void install(int number, int flags, int masked) {
    struct sigaction action {};
    action.sa_sigaction = on_signal;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, masked);
    must(sigaction(number, &action, nullptr), "sigaction");
  }

  static std::vector<std::string> describe() {
    std::vector<std::string> found;
    sigset_t mask;
    sigprocmask(SIG_SETMASK, nullptr, &mask);
    for (int number = 1; number <= SIGRTMAX; ++number) {
      // As the kernel has it: handler, flags, restorer, mask.
      std::array<unsigned long, 4> action{};
      syscall(SYS_rt_sigaction, number, nullptr, action.data(), 8);
      found.push_back(fmt::format("{}: {:x} {:x} {:x} {:x} blocked {}", number, action[0],
                                  action[1], action[2], action[3], sigismember(&mask, number)));
    }
    return found;
  }

  char* stack_ = nullptr;
  std::vector<std::string> before_;
};

STASIS_WORKLOAD(SignalActions, "signal_actions");

// Pending signals of the process and of a thread: numbers, order, codes and values.
class SignalsPending : public Workload {
 public:
  void set_up() override {
    sigemptyset(&all_);
    for (const int number : {SIGUSR1, SIGUSR2, SIGTERM, SIGRTMIN + 1, SIGRTMIN + 2})
      sigaddset(&all_, number);
    pthread_sigmask(SIG_BLOCK, &all_, nullptr);
    thread_ = std::thread([this] { thread_body(); });
    checked_.acquire();
    send_to_process();
  }

  void verify() override {
    may_check_.release();
    checked_.acquire();
    expect_next("process", SIGUSR1, SI_USER, 0);
    expect_next("process", SIGRTMIN + 1, SI_QUEUE, 11);
    expect_next("process", SIGRTMIN + 1, SI_QUEUE, 12);
    expect_next("process", SIGRTMIN + 2, SI_QUEUE, 13);
    expect_none("process");
    send_to_process();
  }

 private:
  void send_to_process() const {
    kill(getpid(), SIGUSR1);
    sigqueue(getpid(), SIGRTMIN + 2, sigval{.sival_int = 13});
    sigqueue(getpid(), SIGRTMIN + 1, sigval{.sival_int = 11});
    sigqueue(getpid(), SIGRTMIN + 1, sigval{.sival_int = 12});
  }

  static void send_to_thread() {
    siginfo_t info{};
    info.si_signo = SIGRTMIN + 2;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_value.sival_int = 99;
    const long tid = syscall(SYS_gettid);
    must(syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, SIGRTMIN + 2, &info), "rt_tgsigqueueinfo");
    must(syscall(SYS_tgkill, getpid(), tid, SIGUSR2), "tgkill");
  }

  void thread_body() {
    while (true) {
      send_to_thread();
      checked_.release();
      may_check_.acquire();
      expect_next("thread", SIGUSR2, SI_TKILL, 0);
      expect_next("thread", SIGRTMIN + 2, SI_QUEUE, 99);
    }
  }

  void expect_next(std::string_view whose, int number, int code, int value) const {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    siginfo_t info{};
    const timespec no_wait{};
    // The library's sigtimedwait would turn SI_TKILL into SI_USER.
    const auto got = syscall(SYS_rt_sigtimedwait, &one, &info, &no_wait, 8);
    const std::string what = fmt::format("{}'s pending signal {}", whose, number);
    expect_equal(what, number, got);
    if (got != number) return;
    expect_equal(what + ": code", code, info.si_code);
    expect_equal(what + ": sender", getpid(), info.si_pid);
    if (code == SI_QUEUE) expect_equal(what + ": value", value, info.si_value.sival_int);
  }

  void expect_none(std::string_view whose) const {
    const timespec no_wait{};
    expect_equal(fmt::format("{}: one signal too many", whose), -1,
                 sigtimedwait(&all_, nullptr, &no_wait));
  }

  sigset_t all_{};
  std::binary_semaphore may_check_{0}, checked_{0};
  std::thread thread_;
};

STASIS_WORKLOAD(SignalsPending, "signals_pending");

}  // namespace
}  // namespace stasis::workload
