// Pipes and fifos with what is in them, their sizes and flags, and ends that are closed.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

std::string take(int fd, std::size_t size) {
  std::string text(size, '\0');
  const ssize_t count = read(fd, text.data(), size);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

int waiting_bytes(int fd) {
  int count = -1;
  ioctl(fd, FIONREAD, &count);
  return count;
}

class Pipes : public Workload {
 public:
  void set_up() override {
    signal(SIGPIPE, SIG_IGN);
    big_text_.assign(200'000, 'b');
    for (std::size_t index = 0; index < big_text_.size(); ++index)
      big_text_[index] = static_cast<char>('a' + index % 23);
    must(pipe2(big_.data(), O_CLOEXEC), "pipe2");
    must(fcntl(big_[1], F_SETPIPE_SZ, 1 << 18), "F_SETPIPE_SZ");
    must(write(big_[1], big_text_.data(), big_text_.size()), "write");
    must(pipe2(packets_.data(), O_DIRECT | O_NONBLOCK), "pipe2 O_DIRECT");
    for (const char* packet : {"one", "three", "seventeen"})
      must(write(packets_[1], packet, strlen(packet)), "write");
    must(pipe(no_writer_.data()), "pipe");
    must(write(no_writer_[1], "last words", 10), "write");
    close(no_writer_[1]);
    must(pipe(no_reader_.data()), "pipe");
    close(no_reader_[0]);
    must(pipe(shared_.data()), "pipe");
    helper_ = std::make_unique<Helper>(
        [this](char question) -> std::int64_t { return write(shared_[1], &question, 1); });
    full_ = fill_nonblocking();
  }

  void verify() override {
    expect_equal("size of the big pipe", 1 << 18, fcntl(big_[0], F_GETPIPE_SZ));
    expect_equal("bytes in the big pipe", static_cast<std::int64_t>(big_text_.size()),
                 waiting_bytes(big_[0]));
    expect(take(big_[0], big_text_.size()) == big_text_, "contents of the big pipe");
    must(write(big_[1], big_text_.data(), big_text_.size()), "write");
    for (const char* packet : {"one", "three", "seventeen"}) {
      expect_equal("packet", packet, take(packets_[0], 100));
      must(write(packets_[1], packet, strlen(packet)), "write");
    }
    expect_equal("bytes of a pipe without writer", 10, waiting_bytes(no_writer_[0]));
    pollfd wait{no_writer_[0], POLLIN, 0};
    poll(&wait, 1, 0);
    expect_equal("a pipe without writer hangs up", POLLIN | POLLHUP, wait.revents);
    expect_equal("write without reader", EPIPE, write(no_reader_[1], "x", 1) == -1 ? errno : 0);
    helper_->ask('z');
    expect_equal("byte from the child", "z", take(shared_[0], 10));
    expect_equal("write to the full pipe", EAGAIN, write(full_[1], "x", 1) == -1 ? errno : 0);
  }

 private:
  static std::size_t strlen(const char* text) { return std::string_view(text).size(); }
  static std::array<int, 2> fill_nonblocking() {
    std::array<int, 2> ends{};
    must(pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), "pipe2");
    const std::string page(4096, 'f');
    while (write(ends[1], page.data(), page.size()) > 0) {
    }
    return ends;
  }

  std::string big_text_;
  std::array<int, 2> big_{}, packets_{}, no_writer_{}, no_reader_{}, shared_{}, full_{};
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(Pipes, "pipes");

class Fifos : public Workload {
 public:
  void set_up() override {
    const std::string path = fmt::format("/tmp/fifo.{}", getpid());
    must(mkfifo(path.c_str(), 0600), "mkfifo");
    both_ = must_fd(open(path.c_str(), O_RDWR | O_CLOEXEC), "open");
    reader_ = must_fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), "open");
    writer_ = must_fd(open(path.c_str(), O_WRONLY | O_CLOEXEC), "open");
    must(write(writer_, "in the fifo", 11), "write");
    path_ = path;
  }
  void verify() override {
    expect_equal("contents of the fifo", "in the fifo", take(reader_, 100));
    expect_equal("flags of the reader", O_NONBLOCK,
                 fcntl(reader_, F_GETFL) & (O_NONBLOCK | O_ACCMODE));
    const int again =
        must_fd(open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC), "open the fifo again");
    must(write(again, "by name", 7), "write");
    close(again);
    expect_equal("contents written by name", "by name", take(both_, 100));
    must(write(writer_, "in the fifo", 11), "write");
  }

 private:
  std::string path_;
  int both_ = -1, reader_ = -1, writer_ = -1;
};

STASIS_WORKLOAD(Fifos, "fifos");

}  // namespace
}  // namespace stasis::workload
