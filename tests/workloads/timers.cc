// Interval timers, POSIX timers and timerfds: what remains, what repeats, what has expired unread.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "workloads/workload.h"

namespace stasis::workload {
namespace {

constexpr int kHour = 3600;

double seconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// A timer that was set to an hour has that left (the kernel rounds up to its ticks), or up to a
// minute less.
void expect_about_an_hour(std::string_view what, double left) {
  expect(left < kHour + 0.1 && left > kHour - 60, fmt::format("{}: {:.3f} s left", what, left));
}

volatile sig_atomic_t alarms = 0;

class IntervalTimers : public Workload {
 public:
  void set_up() override {
    struct sigaction action {};
    action.sa_handler = [](int) { alarms = alarms + 1; };
    must(sigaction(SIGALRM, &action, nullptr), "sigaction");
    const itimerval real{.it_interval = {0, 20'000}, .it_value = {0, 20'000}};
    const itimerval hour{.it_interval = {7, 0}, .it_value = {kHour, 0}};
    must(setitimer(ITIMER_REAL, &real, nullptr), "setitimer");
    must(setitimer(ITIMER_VIRTUAL, &hour, nullptr), "setitimer");
    must(setitimer(ITIMER_PROF, &hour, nullptr), "setitimer");
  }
  void verify() override {
    sigset_t alarm, old;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, &old);
    sigdelset(&old, SIGALRM);
    const int before = alarms;
    while (alarms < before + 2) sigsuspend(&old);
    sigprocmask(SIG_UNBLOCK, &alarm, nullptr);
    for (const auto which : {ITIMER_VIRTUAL, ITIMER_PROF}) {
      itimerval now{};
      getitimer(which, &now);
      expect_about_an_hour("itimer", static_cast<double>(now.it_value.tv_sec) +
                                         1e-6 * static_cast<double>(now.it_value.tv_usec));
      expect_equal("interval of an itimer", 7, now.it_interval.tv_sec);
    }
  }
};

STASIS_WORKLOAD(IntervalTimers, "interval_timers");

// Made by the raw call, so that the ids are the kernel's.
class PosixTimers : public Workload {
 public:
  void set_up() override {
    for (const int number : {SIGRTMIN + 4, SIGRTMIN + 5}) sigaddset(&signals_, number);
    sigprocmask(SIG_BLOCK, &signals_, nullptr);
    // A hole in the numbers shows whether ids are kept.
    const int unused = make(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
    hour_ = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 4, 1234);
    must(syscall(SYS_timer_delete, unused), "timer_delete");
    ticking_ = make(CLOCK_MONOTONIC, SIGEV_THREAD_ID, SIGRTMIN + 5, 5678);
    wall_ = make(CLOCK_REALTIME, SIGEV_NONE, 0, 0);
    boot_ = make(CLOCK_BOOTTIME, SIGEV_NONE, 0, 0);
    set(hour_, {.it_interval = {9, 0}, .it_value = {kHour, 0}});
    set(ticking_, {.it_interval = {0, 10'000'000}, .it_value = {0, 10'000'000}});
    set(wall_, {.it_interval = {}, .it_value = {kHour, 0}});
    set(boot_, {.it_interval = {}, .it_value = {kHour, 0}});
  }

  void verify() override {
    for (const int id : {hour_, wall_, boot_}) {
      itimerspec now{};
      expect_equal("timer_gettime", 0, syscall(SYS_timer_gettime, id, &now));
      expect_about_an_hour("POSIX timer", seconds(now.it_value));
      expect_equal("interval", id == hour_ ? 9 : 0, now.it_interval.tv_sec);
    }
    sigset_t ticking;
    sigemptyset(&ticking);
    sigaddset(&ticking, SIGRTMIN + 5);
    for (int round = 0; round < 2; ++round) {
      siginfo_t info{};
      const timespec limit{5, 0};
      expect_equal("tick", SIGRTMIN + 5, sigtimedwait(&ticking, &info, &limit));
      expect_equal("value of a tick", 5678, info.si_value.sival_int);
      expect_equal("code of a tick", SI_TIMER, info.si_code);
      expect_equal("timer of a tick", ticking_, info.si_timerid);
    }
    set(hour_, {.it_interval = {}, .it_value = {0, 1}});
    sigset_t hour;
    sigemptyset(&hour);
    sigaddset(&hour, SIGRTMIN + 4);
    siginfo_t info{};
    const timespec limit{5, 0};
    expect_equal("expiry", SIGRTMIN + 4, sigtimedwait(&hour, &info, &limit));
    expect_equal("value of an expiry", 1234, info.si_value.sival_int);
    set(hour_, {.it_interval = {9, 0}, .it_value = {kHour, 0}});
  }

 private:
  static int make(clockid_t clock, int notify, int number, int value) {
    struct sigevent event {};
    event.sigev_notify = notify;
    event.sigev_signo = number;
    event.sigev_value.sival_int = value;
    if (notify == SIGEV_THREAD_ID) event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
    int id = -1;
    must(syscall(SYS_timer_create, clock, &event, &id), "timer_create");
    return id;
  }
  static void set(int id, const itimerspec& setting) {
    must(syscall(SYS_timer_settime, id, 0, &setting, nullptr), "timer_settime");
  }

  sigset_t signals_{};
  int hour_ = -1, ticking_ = -1, wall_ = -1, boot_ = -1;
};

STASIS_WORKLOAD(PosixTimers, "posix_timers");

class TimerFds : public Workload {
 public:
  void set_up() override {
    for (const clockid_t clock : {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME})
      hours_.push_back(make(clock, {.it_interval = {11, 0}, .it_value = {kHour, 0}}));
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    absolute_ = must_fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create");
    const itimerspec later{.it_interval = {}, .it_value = {now.tv_sec + kHour, now.tv_nsec}};
    must(timerfd_settime(absolute_, TFD_TIMER_ABSTIME, &later, nullptr), "timerfd_settime");
    ticking_ = make(CLOCK_MONOTONIC, {.it_interval = {0, 10'000'000}, .it_value = {0, 10'000'000}});
    idle_ = make(CLOCK_MONOTONIC, {});
    expired_ =
        must_fd(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
    expire();
  }

  void verify() override {
    for (const int fd : hours_) {
      expect_about_an_hour("timerfd", seconds(read_setting(fd).it_value));
      expect_equal("interval of a timerfd", 11, read_setting(fd).it_interval.tv_sec);
    }
    expect_about_an_hour("absolute timerfd", seconds(read_setting(absolute_).it_value));
    expect(seconds(read_setting(idle_).it_value) == 0, "the idle timerfd runs");
    expect(read_ticks(ticking_) >= 1, "no ticks");
    expect(read_ticks(ticking_) >= 1, "no more ticks");
    expect_equal("unread expiry", 1, read_ticks(expired_));
    expect_equal("flags", O_NONBLOCK, fcntl(expired_, F_GETFL) & O_NONBLOCK);
    expire();
  }

 private:
  static int make(clockid_t clock, const itimerspec& setting) {
    const int fd = must_fd(timerfd_create(clock, TFD_CLOEXEC), "timerfd_create");
    must(timerfd_settime(fd, 0, &setting, nullptr), "timerfd_settime");
    return fd;
  }
  static itimerspec read_setting(int fd) {
    itimerspec setting{};
    expect_equal("timerfd_gettime", 0, timerfd_gettime(fd, &setting));
    return setting;
  }
  static std::int64_t read_ticks(int fd) {
    std::int64_t ticks = 0;
    return read(fd, &ticks, sizeof ticks) == sizeof ticks ? ticks : -1;
  }
  void expire() const {
    const itimerspec soon{.it_interval = {}, .it_value = {0, 1}};
    must(timerfd_settime(expired_, 0, &soon, nullptr), "timerfd_settime");
    pollfd wait{expired_, POLLIN, 0};
    must(poll(&wait, 1, 5000), "poll");
  }

  std::vector<int> hours_;
  int absolute_ = -1, ticking_ = -1, idle_ = -1, expired_ = -1;
};

STASIS_WORKLOAD(TimerFds, "timerfds");

// Clocks go on from where they were, and at the same pace.
class Clocks : public Workload {
 public:
  void set_up() override { note(); }
  void verify() override {
    const auto before = at_;
    note();
    const double wall = at_[0] - before[0];
    for (std::size_t index = 1; index < at_.size(); ++index) {
      const double passed = at_[index] - before[index];
      expect(passed >= 0, fmt::format("clock {} went back by {:.3f} s", index, -passed));
      expect(passed <= wall + 1,
             fmt::format("clock {} jumped by {:.3f} s in {:.3f} s", index, passed, wall));
    }
  }

 private:
  void note() {
    constexpr std::array kClocks = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME,
                                    CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE};
    for (std::size_t index = 0; index < kClocks.size(); ++index) {
      timespec now{};
      clock_gettime(kClocks[index], &now);
      at_[index] = seconds(now);
    }
  }
  std::array<double, 5> at_{};
};

STASIS_WORKLOAD(Clocks, "clocks");

}  // namespace
}  // namespace stasis::workload
