// eventfd, timerfd, signalfd, epoll.
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>

#include "integration/kernel/round_trip.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using EventFds = FileRoundTrip;

std::uint64_t read_count(int fd) {
  std::uint64_t count = 0;
  return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

TEST_F(EventFds, KeepCountSemaphoreAndFlags) {
  in_process([] {
    place(eventfd(7, EFD_NONBLOCK), 10);
    place(eventfd(3, EFD_SEMAPHORE), 11);
    place(eventfd(0, EFD_NONBLOCK), 12);
    const std::uint64_t most = 0xfffffffffffffffe;
    must(static_cast<int>(write(12, &most, sizeof(most))), "write");
  });
  round_trip();
  EXPECT_EQ(fcntl(fd(10), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  EXPECT_EQ(fcntl(fd(11), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(read_count(fd(10)), 7U);
  EXPECT_EQ(read_count(fd(10)), 0U);
  EXPECT_EQ(read_count(fd(11)), 1U);
  EXPECT_EQ(read_count(fd(12)), 0xfffffffffffffffeU);
}

TEST_F(EventFds, TimersGoOnWithWhatIsLeft) {
  in_process([] {
    place(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), 10);
    const itimerspec hour{{60, 0}, {3600, 0}};
    must(timerfd_settime(10, 0, &hour, nullptr), "timerfd_settime");
    place(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK), 11);
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const itimerspec absolute{{0, 0}, {now.tv_sec + 1000, 0}};
    must(timerfd_settime(11, TFD_TIMER_ABSTIME, &absolute, nullptr), "timerfd_settime");
  });
  round_trip();
  itimerspec left{};
  must(timerfd_gettime(fd(10), &left), "timerfd_gettime");
  EXPECT_EQ(left.it_interval.tv_sec, 60);
  EXPECT_GT(left.it_value.tv_sec, 3590);
  EXPECT_LE(left.it_value.tv_sec, 3600);
  must(timerfd_gettime(fd(11), &left), "timerfd_gettime");
  EXPECT_GT(left.it_value.tv_sec, 990);
  EXPECT_LE(left.it_value.tv_sec, 1000);
}

TEST_F(EventFds, TimersKeepExpirationsNotRead) {
  in_process([] {
    place(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), 10);
    const itimerspec soon{{0, 0}, {0, 1000}};
    must(timerfd_settime(10, 0, &soon, nullptr), "timerfd_settime");
    epoll_event event{};
    const int epoll = epoll_create1(0);
    event.events = EPOLLIN;
    epoll_ctl(epoll, EPOLL_CTL_ADD, 10, &event);
    epoll_wait(epoll, &event, 1, -1);
    close(epoll);
  });
  round_trip();
  EXPECT_EQ(read_count(fd(10)), 1U);
}

TEST_F(EventFds, SignalFdsKeepTheirMask) {
  in_process([] {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGRTMAX);
    place(signalfd(-1, &mask, SFD_NONBLOCK), 10);
  });
  round_trip();
  const auto expected = (1ULL << (SIGUSR1 - 1)) | (1ULL << 63);
  EXPECT_EQ(std::get<model::SignalFd>(described(10).detail).mask, expected);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, nullptr);
  raise(SIGUSR1);
  signalfd_siginfo info{};
  EXPECT_EQ(read(fd(10), &info, sizeof(info)), static_cast<ssize_t>(sizeof(info)));
  EXPECT_EQ(info.ssi_signo, static_cast<unsigned>(SIGUSR1));
}

void watch(int epoll, int fd, std::uint32_t events, std::uint64_t data) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = data;
  must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

TEST_F(EventFds, EpollsKeepWhatTheyWatch) {
  in_process([] {
    place(epoll_create1(0), 10);
    place(eventfd(0, EFD_NONBLOCK), 11);
    place(eventfd(5, EFD_NONBLOCK), 12);
    watch(10, 11, EPOLLIN, 1111);
    watch(10, 12, EPOLLIN | EPOLLET, 2222);
    place(epoll_create1(0), 13);
    watch(13, 10, EPOLLIN, 3333);
  });
  round_trip();
  std::array<epoll_event, 4> events{};
  ASSERT_EQ(epoll_wait(fd(10), events.data(), 4, 0), 1);
  EXPECT_EQ(events[0].data.u64, 2222U);
  EXPECT_EQ(epoll_wait(fd(10), events.data(), 4, 0), 0);
  const std::uint64_t one = 1;
  must(static_cast<int>(write(fd(11), &one, sizeof(one))), "write");
  ASSERT_EQ(epoll_wait(fd(13), events.data(), 4, 0), 1);
  EXPECT_EQ(events[0].data.u64, 3333U);
  ASSERT_EQ(epoll_wait(fd(10), events.data(), 4, 0), 1);
  EXPECT_EQ(events[0].data.u64, 1111U);
}

// The number under which a file was added may be closed, or be another file's, at the checkpoint.
TEST_F(EventFds, EpollsKnowFilesByNumbersThatAreUsedAgain) {
  in_process([] {
    place(epoll_create1(0), 10);
    place(eventfd(1, EFD_NONBLOCK), 11);
    watch(10, 11, EPOLLIN, 1111);
    must(dup2(11, 20), "dup2");
    place(eventfd(1, EFD_NONBLOCK), 11);
    watch(10, 11, EPOLLIN, 2222);
  });
  round_trip();
  const auto& watches = std::get<model::Epoll>(described(10).detail).watches;
  ASSERT_EQ(watches.size(), 2U);
  std::array<epoll_event, 4> events{};
  EXPECT_EQ(epoll_wait(fd(10), events.data(), 4, 0), 2);
  read_count(fd(20));
  ASSERT_EQ(epoll_wait(fd(10), events.data(), 4, 0), 1);
  EXPECT_EQ(events[0].data.u64, 2222U);
}

}  // namespace
}  // namespace stasis::test
