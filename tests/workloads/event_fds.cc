// Descriptors that stand for events: eventfd, epoll, signalfd, inotify; and memfds.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

std::int64_t read_number(int fd) {
  std::int64_t value = 0;
  return read(fd, &value, sizeof value) == sizeof value ? value : -errno;
}

void write_number(int fd, std::int64_t value) { must(write(fd, &value, sizeof value), "write"); }

class EventFds : public Workload {
 public:
  void set_up() override {
    plain_ = must_fd(eventfd(41, EFD_CLOEXEC), "eventfd");
    semaphore_ = must_fd(eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK), "eventfd");
    empty_ = must_fd(eventfd(0, EFD_NONBLOCK), "eventfd");
    large_ = must_fd(eventfd(0, EFD_NONBLOCK), "eventfd");
    write_number(large_, -2);  // the largest value, 2^64 - 2
    helper_ = std::make_unique<Helper>([this](char) -> std::int64_t {
      write_number(plain_, 1);
      return 0;
    });
  }
  void verify() override {
    helper_->ask('+');
    expect_equal("plain", 42, read_number(plain_));
    write_number(plain_, 41);
    for (int index = 0; index < 3; ++index) expect_equal("semaphore", 1, read_number(semaphore_));
    expect_equal("semaphore at zero", -EAGAIN, read_number(semaphore_));
    write_number(semaphore_, 3);
    expect_equal("empty", -EAGAIN, read_number(empty_));
    expect_equal("largest", -2, read_number(large_));
    write_number(large_, -2);
  }

 private:
  int plain_ = -1, semaphore_ = -1, empty_ = -1, large_ = -1;
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(EventFds, "eventfds");

class Epoll : public Workload {
 public:
  void set_up() override {
    epoll_ = must_fd(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    outer_ = must_fd(epoll_create1(0), "epoll_create1");
    level_ = must_fd(eventfd(1, 0), "eventfd");
    edge_ = must_fd(eventfd(1, 0), "eventfd");
    quiet_ = must_fd(eventfd(0, 0), "eventfd");
    once_ = must_fd(eventfd(1, 0), "eventfd");
    add(epoll_, level_, EPOLLIN, 0x1111'0000'0000'0001);
    add(epoll_, edge_, EPOLLIN | EPOLLET, 0x2222'0000'0000'0002);
    add(epoll_, quiet_, EPOLLIN | EPOLLRDHUP | EPOLLPRI, 3);
    add(epoll_, once_, EPOLLIN | EPOLLONESHOT, 4);
    add(outer_, epoll_, EPOLLIN, 5);
    wait();
    targets_ = describe();
  }
  void verify() override {
    expect_equal("interest list", targets_, describe());
    // The edge was seen before, and the one-shot entry is spent; the level stays.
    std::uint64_t seen = wait();
    expect(seen == 1U << 1 || seen == (1U << 1 | 1U << 2),
           fmt::format("ready entries: {:#x}", seen));
    write_number(quiet_, 1);
    write_number(edge_, 1);
    expect_equal("after writing", 1U << 1 | 1U << 2 | 1U << 3, static_cast<std::int64_t>(wait()));
    read_number(quiet_);
    epoll_event event{};
    expect_equal("nested epoll", 1, epoll_wait(outer_, &event, 1, 1000));
    expect_equal("data of the nested epoll", 5, static_cast<std::int64_t>(event.data.u64));
  }

 private:
  static void add(int epoll, int fd, unsigned events, std::uint64_t data) {
    epoll_event event{.events = events, .data = {.u64 = data}};
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }
  // A bit for each entry that is ready, by the low digit of its data.
  std::uint64_t wait() const {
    std::array<epoll_event, 8> events{};
    const int count = epoll_wait(epoll_, events.data(), events.size(), 0);
    std::uint64_t seen = 0;
    for (int index = 0; index < count; ++index)
      seen |= 1ULL << (events[static_cast<std::size_t>(index)].data.u64 & 0xf);
    return seen;
  }
  // The lines "tfd: ... events: ... data: ..." of fdinfo, without the inode numbers behind them.
  // The kernel sorts them by the addresses of its own objects, so they are sorted by number here.
  std::string describe() const {
    std::set<std::string> lines;
    const std::string info = read_text(fmt::format("/proc/self/fdinfo/{}", epoll_));
    for (std::size_t at = info.find("tfd:"); at != std::string::npos;
         at = info.find("tfd:", at + 1))
      lines.insert(info.substr(at, info.find(" pos:", at) - at));
    return fmt::format("{}", fmt::join(lines, "; "));
  }
  int epoll_ = -1, outer_ = -1, level_ = -1, edge_ = -1, quiet_ = -1, once_ = -1;
  std::string targets_;
};

STASIS_WORKLOAD(Epoll, "epoll");

class SignalFd : public Workload {
 public:
  void set_up() override {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGRTMIN + 6);
    sigprocmask(SIG_BLOCK, &mask, nullptr);
    fd_ = must_fd(signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");
    sigqueue(getpid(), SIGRTMIN + 6, sigval{.sival_int = 66});
  }
  void verify() override {
    signalfd_siginfo info{};
    expect_equal("signal", sizeof info, read(fd_, &info, sizeof info));
    expect_equal("number", SIGRTMIN + 6, info.ssi_signo);
    expect_equal("value", 66, info.ssi_int);
    expect_equal("no more", -1, read(fd_, &info, sizeof info));
    kill(getpid(), SIGUSR1);
    expect_equal("second signal", sizeof info, read(fd_, &info, sizeof info));
    expect_equal("second number", SIGUSR1, info.ssi_signo);
    sigqueue(getpid(), SIGRTMIN + 6, sigval{.sival_int = 66});
  }

 private:
  int fd_ = -1;
};

STASIS_WORKLOAD(SignalFd, "signalfd");

class Inotify : public Workload {
 public:
  void set_up() override {
    base_ = fmt::format("/tmp/inotify.{}", getpid());
    must(mkdir(base_.c_str(), 0755), "mkdir");
    std::ofstream(base_ + "/file") << "x";
    fd_ = must_fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify_init1");
    const int unused = must_fd(inotify_add_watch(fd_, "/tmp", IN_CREATE), "inotify_add_watch");
    directory_ = must_fd(inotify_add_watch(fd_, base_.c_str(), IN_CREATE | IN_DELETE | IN_ONLYDIR),
                         "inotify_add_watch");
    // A hole in the numbers shows whether they are kept.
    must(inotify_rm_watch(fd_, unused), "inotify_rm_watch");
    file_ =
        must_fd(inotify_add_watch(fd_, (base_ + "/file").c_str(), IN_MODIFY), "inotify_add_watch");
    std::array<char, 4096> ignored{};
    while (read(fd_, ignored.data(), ignored.size()) > 0) {
    }
  }
  void verify() override {
    std::ofstream(base_ + "/new") << "";
    expect_next(directory_, IN_CREATE, "new");
    must(unlink((base_ + "/new").c_str()), "unlink");
    expect_next(directory_, IN_DELETE, "new");
    std::ofstream(base_ + "/file", std::ios::app) << "y";
    expect_next(file_, IN_MODIFY, "");
  }

 private:
  void expect_next(int watch, unsigned mask, const char* name) const {
    alignas(inotify_event) std::array<char, sizeof(inotify_event) + 256> buffer{};
    const ssize_t count = read(fd_, buffer.data(), buffer.size());
    if (count <= 0) return differs("no inotify event");
    const auto* event = reinterpret_cast<const inotify_event*>(buffer.data());
    expect_equal("watch", watch, event->wd);
    expect_equal("event", mask, event->mask);
    expect_equal("name", name, event->len > 0 ? event->name : "");
  }
  std::string base_;
  int fd_ = -1, directory_ = -1, file_ = -1;
};

STASIS_WORKLOAD(Inotify, "inotify");

class MemFds : public Workload {
 public:
  void set_up() override {
    sealed_ = must_fd(memfd_create("sealed one", MFD_ALLOW_SEALING | MFD_CLOEXEC), "memfd_create");
    must(write(sealed_, "sealed contents", 15), "write");
    must(fcntl(sealed_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW), "F_ADD_SEALS");
    open_ = must_fd(memfd_create("open one", 0), "memfd_create");
    must(ftruncate(open_, 1 << 20), "ftruncate");
    must(pwrite(open_, "far away", 8, 900'000), "pwrite");
    must(lseek(open_, 1234, SEEK_SET), "lseek");
    must(fchmod(open_, 0640), "fchmod");
  }
  void verify() override {
    expect_equal("seals", F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW, fcntl(sealed_, F_GET_SEALS));
    expect_equal("write to the sealed one", EPERM, pwrite(sealed_, "x", 1, 0) == -1 ? errno : 0);
    expect_equal("offset of the sealed one", 15, lseek(sealed_, 0, SEEK_CUR));
    expect_equal("sealed contents", "sealed contents", text(sealed_, 0, 15));
    expect_equal("open contents", "far away", text(open_, 900'000, 8));
    expect_equal("offset", 1234, lseek(open_, 0, SEEK_CUR));
    expect_equal("seals of the open one", F_SEAL_SEAL, fcntl(open_, F_GET_SEALS));
    struct stat status {};
    must(fstat(open_, &status), "fstat");
    expect_equal("size", 1 << 20, status.st_size);
    expect_equal("mode", 0640, status.st_mode & 07777);
    expect_equal("name", "/memfd:open one (deleted)", link(open_));
    expect_equal("name", "/memfd:sealed one (deleted)", link(sealed_));
  }

 private:
  static std::string text(int fd, off_t at, std::size_t size) {
    std::string found(size, '\0');
    must(pread(fd, found.data(), size, at), "pread");
    return found;
  }
  static std::string link(int fd) {
    std::array<char, 100> target{};
    must(readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), target.data(), target.size() - 1),
         "readlink");
    return target.data();
  }
  int sealed_ = -1, open_ = -1;
};

STASIS_WORKLOAD(MemFds, "memfds");

}  // namespace
}  // namespace stasis::workload
