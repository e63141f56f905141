#include "integration/kernel/round_trip.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "integration/support/give_up.h"
#include "sys/child_process.h"

namespace stasis::test {

struct FileRoundTrip::Shared {
  std::atomic<int> count;
  std::array<pid_t, 8> pids;
};
FileRoundTrip::Shared* FileRoundTrip::shared_ = nullptr;

FileRoundTrip::FileRoundTrip() {
  shared_ = static_cast<Shared*>(
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  // Processes of processes are reaped here too: their sockets are gone only then.
  must(prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl");
  root_.reset(must(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /"));
  environment_.root_fd = root_.get();
  environment_.init = HostPid{getpid()};
  environment_.stdio = {-1, -1, -1};
}

FileRoundTrip::~FileRoundTrip() {
  kill_processes();
  munmap(shared_, sizeof(Shared));
}

void FileRoundTrip::in_process(const std::function<void()>& make) {
  const pid_t child = must(fork(), "fork");
  if (child == 0) {
    const int null = must(open("/dev/null", O_RDWR), "open /dev/null");
    for (int fd = 0; fd <= 2; ++fd) {
      const int given = stdio_[static_cast<std::size_t>(fd)];
      must(dup2(given >= 0 ? given : null, fd), "dup2");
    }
    syscall(SYS_close_range, 3, ~0U, 0);
    shared_->pids[static_cast<std::size_t>(shared_->count++)] = getpid();
    make();
    raise(SIGSTOP);
    _exit(0);
  }
  int status = 0;
  must(waitpid(child, &status, WUNTRACED), "waitpid");
  ASSERT_TRUE(WIFSTOPPED(status)) << "the process failed: status " << status;
}

void place(int fd, int number) {
  must(fd, "making a descriptor");
  if (fd == number) return;
  must(dup2(fd, number), "dup2");
  close(fd);
}

void FileRoundTrip::fork_process(const std::function<void()>& make) {
  const pid_t child = must(fork(), "fork");
  if (child == 0) {
    shared_->pids[static_cast<std::size_t>(shared_->count++)] = getpid();
    make();
    raise(SIGSTOP);
    _exit(0);
  }
  int status = 0;
  must(waitpid(child, &status, WUNTRACED), "waitpid");
}

std::vector<std::string> FileRoundTrip::collect(checkpoint::FileOptions options) {
  const int count = shared_->count;
  container_.processes.resize(static_cast<std::size_t>(count));
  auto collector =
      checkpoint::FileCollector::create(container_, HostPid{shared_->pids[0]}, options);
  if (!collector) give_up(collector.error().message());
  for (int i = 0; i < count; ++i) {
    const HostPid pid{shared_->pids[static_cast<std::size_t>(i)]};
    auto pidfd = sys::pidfd_open(pid);
    if (!pidfd) give_up(pidfd.error().message());
    auto& process = container_.processes[static_cast<std::size_t>(i)];
    process.pid = NsPid{pid.value};
    if (leaders_) process.sid = process.pid;
    auto done = collector->collect_process(
        {.host = pid, .pid = process.pid, .pidfd = pidfd->get(), .comm = "maker"}, process);
    if (!done) give_up(done.error().message());
  }
  auto finished = collector->finish();
  if (!finished) give_up(finished.error().message());
  std::vector<std::string> blockers;
  for (auto blocker : collector->blockers()) {
    blocker.pid = NsPid{1};  // so that messages can be compared
    blockers.push_back(to_string(blocker));
  }
  return blockers;
}

void FileRoundTrip::kill_processes() {
  for (int i = shared_->count; i-- > 0;) {
    kill(shared_->pids[static_cast<std::size_t>(i)], SIGKILL);
  }
  while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
  shared_->count = 0;
}

std::string FileRoundTrip::restore() {
  restorer_ = std::make_unique<restore::FileRestorer>(container_, environment_);
  auto opened = restorer_->open_all();
  return opened ? "" : opened.error().message();
}

void FileRoundTrip::round_trip(checkpoint::FileOptions options) {
  ASSERT_THAT(collect(options), testing::IsEmpty());
  kill_processes();
  ASSERT_EQ(restore(), "");
}

int FileRoundTrip::fd(int number, std::size_t process) const {
  for (const auto& entry : container_.processes[process].fds) {
    if (entry.fd == number) return restorer_->open_files()[entry.open_file].get();
  }
  give_up("no such descriptor");
}

const model::OpenFile& FileRoundTrip::described(int number, std::size_t process) const {
  for (const auto& entry : container_.processes[process].fds) {
    if (entry.fd == number) return container_.open_files[entry.open_file];
  }
  give_up("no such descriptor");
}

std::string read_now(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  std::array<char, 65536> buffer{};
  std::string text;
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  fcntl(fd, F_SETFL, flags);
  return text;
}

void write_text(int fd, std::string_view text) {
  must(static_cast<int>(write(fd, text.data(), text.size())), "write");
}

}  // namespace stasis::test
