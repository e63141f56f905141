// Open files: offsets, flags, numbers, what is shared between descriptors and processes, files that
// have no name any more, directories, devices.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

int open_must(const std::string& path, int flags, mode_t mode = 0600) {
  return must_fd(open(path.c_str(), flags, mode), "open " + path);
}

std::string contents(int fd) {
  std::string text(256, '\0');
  const ssize_t count = pread(fd, text.data(), text.size(), 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

// What the descriptor's entry in /proc/self/fdinfo says, and where its link points.
std::string describe(int fd) {
  std::array<char, 256> link{};
  const ssize_t length =
      readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), link.data(), link.size() - 1);
  return fmt::format("{} flags {:o} fd flags {} offset {}", length < 0 ? "closed" : link.data(),
                     fcntl(fd, F_GETFL), fcntl(fd, F_GETFD), lseek(fd, 0, SEEK_CUR));
}

class RegularFiles : public Workload {
 public:
  void set_up() override {
    base_ = fmt::format("/tmp/files.{}", getpid());
    must(mkdir(base_.c_str(), 0755), "mkdir");
    std::ofstream(base_ + "/text") << "0123456789abcdef";
    reading_ = note(open_must(base_ + "/text", O_RDONLY | O_CLOEXEC));
    must(lseek(reading_, 5, SEEK_SET), "lseek");
    duplicate_ = note(must_fd(dup2(reading_, 150), "dup2"));
    separate_ = note(open_must(base_ + "/text", O_RDONLY));
    note(open_must(base_ + "/text", O_WRONLY | O_NONBLOCK | O_NOATIME));
    note(open_must(base_ + "/text", O_PATH | O_CLOEXEC));
    appending_ = note(open_must(base_ + "/log", O_RDWR | O_CREAT | O_APPEND));
    must(write(appending_, "one\n", 4), "write");
    unlinked_ = note(open_must(base_ + "/unlinked", O_RDWR | O_CREAT));
    must(write(unlinked_, "unlinked text", 13), "write");
    must(unlink((base_ + "/unlinked").c_str()), "unlink");
    nameless_ = make_nameless();
    note(must_fd(fcntl(reading_, F_DUPFD_CLOEXEC, 300), "F_DUPFD_CLOEXEC"));
    helper_ = std::make_unique<Helper>([this](char) { return lseek(reading_, 0, SEEK_CUR); });
    for (const int fd : fds_) before_.push_back(describe(fd));
  }

  void verify() override {
    for (std::size_t index = 0; index < fds_.size(); ++index)
      expect_equal(fmt::format("fd {}", fds_[index]), before_[index], describe(fds_[index]));
    expect_equal("unlinked file", "unlinked text", contents(unlinked_));
    expect_equal("flags of the nameless file", O_RDWR | O_TMPFILE,
                 fcntl(nameless_, F_GETFL) & (O_ACCMODE | O_TMPFILE));
    check_nameless();
    struct stat status {};
    must(fstat(unlinked_, &status), "fstat");
    expect_equal("links of the unlinked file", 0, static_cast<std::int64_t>(status.st_nlink));
    check_shared_offset();
    check_append();
  }

 private:
  int note(int fd) {
    fds_.push_back(fd);
    return fd;
  }

  int make_nameless() const {
    const int fd = open_must(base_, O_RDWR | O_TMPFILE);
    must(write(fd, "nameless text", 13), "write");
    return fd;
  }

  // Unlike one that was deleted it can be given a name, once.
  void check_nameless() {
    const std::string name = base_ + "/named";
    const std::string link = fmt::format("/proc/self/fd/{}", nameless_);
    expect_equal("offset of the nameless file", 13, lseek(nameless_, 0, SEEK_CUR));
    expect_equal("naming the nameless file", 0,
                 linkat(AT_FDCWD, link.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW));
    const int named = open_must(name, O_RDONLY);
    expect_equal("nameless file", "nameless text", contents(named));
    close(named);
    must(unlink(name.c_str()), "unlink");
    const int again = make_nameless();
    must(dup2(again, nameless_), "dup2");
    close(again);
  }

  // dup and fork share the offset, a second open does not.
  void check_shared_offset() const {
    char byte = 0;
    must(read(duplicate_, &byte, 1), "read");
    expect_equal("byte at the offset", '5', byte);
    expect_equal("offset of the duplicate", 6, lseek(reading_, 0, SEEK_CUR));
    expect_equal("offset in the child", 6, helper_->ask('o'));
    expect_equal("offset of the separate open", 0, lseek(separate_, 0, SEEK_CUR));
    must(lseek(duplicate_, 5, SEEK_SET), "lseek");
  }

  void check_append() const {
    must(lseek(appending_, 0, SEEK_SET), "lseek");
    must(write(appending_, "two\n", 4), "write");
    expect_equal("appended file", "one\ntwo\n", contents(appending_));
    must(ftruncate(appending_, 4), "ftruncate");
    must(lseek(appending_, 4, SEEK_SET), "lseek");
  }

  std::string base_;
  std::vector<int> fds_;
  std::vector<std::string> before_;
  int reading_ = -1, duplicate_ = -1, separate_ = -1, appending_ = -1, unlinked_ = -1,
      nameless_ = -1;
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(RegularFiles, "regular_files");

class Directories : public Workload {
 public:
  void set_up() override {
    base_ = fmt::format("/tmp/directories.{}", getpid());
    must(mkdir(base_.c_str(), 0755), "mkdir");
    for (int index = 0; index < 300; ++index)
      std::ofstream(base_ + fmt::format("/file{}", index)) << index;
    fd_ = open_must(base_, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    path_fd_ = open_must(base_, O_PATH | O_DIRECTORY);
    first_ = read_some();
    position_ = lseek(fd_, 0, SEEK_CUR);
  }
  void verify() override {
    expect_equal("position in the directory", position_, lseek(fd_, 0, SEEK_CUR));
    // What was read before and what comes now is every name once.
    std::set<std::string> seen = first_;
    std::size_t count = first_.size();
    for (auto more = read_some(); !more.empty(); more = read_some()) {
      count += more.size();
      seen.insert(more.begin(), more.end());
    }
    expect_equal("names in the directory", 302, static_cast<std::int64_t>(seen.size()));
    expect_equal("names that came twice", 0, static_cast<std::int64_t>(count - seen.size()));
    must(lseek(fd_, position_, SEEK_SET), "lseek");
    struct stat status {};
    expect_equal("fstatat below the O_PATH fd", 0, fstatat(path_fd_, "file7", &status, 0));
    expect_equal("openat below the fd", 0, faccessat(fd_, "file8", R_OK, 0));
  }

 private:
  std::set<std::string> read_some() const {
    std::array<char, 2048> buffer{};
    const long length =
        must(syscall(SYS_getdents64, fd_, buffer.data(), buffer.size()), "getdents64");
    std::set<std::string> names;
    for (long at = 0; at < length;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      names.insert(entry->d_name);
      at += entry->d_reclen;
    }
    return names;
  }
  std::string base_;
  int fd_ = -1, path_fd_ = -1;
  off_t position_ = 0;
  std::set<std::string> first_;
};

STASIS_WORKLOAD(Directories, "directories");

class Devices : public Workload {
 public:
  void set_up() override {
    for (const char* path : {"/dev/null", "/dev/zero", "/dev/urandom", "/dev/full"})
      fds_.push_back(open_must(path, O_RDWR | O_CLOEXEC));
    for (const int fd : fds_) before_.push_back(describe(fd));
  }
  void verify() override {
    for (std::size_t index = 0; index < fds_.size(); ++index)
      expect_equal("device", before_[index], describe(fds_[index]));
    char byte = 1;
    expect_equal("read of /dev/null", 0, read(fds_[0], &byte, 1));
    expect_equal("read of /dev/zero", 1, read(fds_[1], &byte, 1));
    expect_equal("byte of /dev/zero", 0, byte);
    expect_equal("read of /dev/urandom", 1, read(fds_[2], &byte, 1));
    expect_equal("write to /dev/full", ENOSPC, write(fds_[3], &byte, 1) == -1 ? errno : 0);
  }

 private:
  std::vector<int> fds_;
  std::vector<std::string> before_;
};

STASIS_WORKLOAD(Devices, "devices");

// Files of /proc and /sys that programs keep open, of the own process and of another.
class ProcFiles : public Workload {
 public:
  void set_up() override {
    own_ = open_must("/proc/self/stat", O_RDONLY);
    other_ = open_must(fmt::format("/proc/{}/stat", helper_.pid()), O_RDONLY);
    directory_ = open_must("/proc/self", O_RDONLY | O_DIRECTORY);
    load_ = open_must("/proc/meminfo", O_RDONLY);
  }
  void verify() override {
    expect(contents(own_).starts_with(fmt::format("{} (", getpid())), "own stat file");
    expect(contents(other_).starts_with(fmt::format("{} (", helper_.pid())),
           "stat file of another process");
    expect(contents(load_).starts_with("MemTotal:"), "meminfo");
    expect_equal("/proc/self as a directory", 0, faccessat(directory_, "status", R_OK, 0));
  }

 private:
  Helper helper_{[](char) { return 0; }};
  int own_ = -1, other_ = -1, directory_ = -1, load_ = -1;
};

STASIS_WORKLOAD(ProcFiles, "proc_files");

// Locks of all three kinds, as another process sees them.
class FileLocks : public Workload {
 public:
  void set_up() override {
    const std::string path = fmt::format("/tmp/locks.{}", getpid());
    for (int index = 0; index < 3; ++index)
      fds_[static_cast<std::size_t>(index)] =
          open_must(path + std::to_string(index), O_RDWR | O_CREAT | O_CLOEXEC);
    must(syscall(SYS_flock, fds_[0], 2 /* LOCK_EX */), "flock");
    const struct flock range {
      .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20, .l_pid = 0
    };
    must(fcntl(fds_[1], F_SETLK, &range), "F_SETLK");
    must(fcntl(fds_[2], F_OFD_SETLK, &range), "F_OFD_SETLK");
    helper_ = std::make_unique<Helper>([path](char question) -> std::int64_t {
      const int index = question - '0';
      const int fd = open_must(path + std::to_string(index), O_RDWR | O_CLOEXEC);
      struct flock other {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0
      };
      std::int64_t result = 0;
      if (index == 0) {
        result = syscall(SYS_flock, fd, 2 | 4 /* LOCK_EX | LOCK_NB */) == -1 ? errno : 0;
      } else {
        must(fcntl(fd, index == 1 ? F_GETLK : F_OFD_GETLK, &other), "F_GETLK");
        result = other.l_type == F_UNLCK ? 0 : other.l_start * 1000 + other.l_len;
      }
      close(fd);
      return result;
    });
  }
  void verify() override {
    expect_equal("flock", EWOULDBLOCK, helper_->ask('0'));
    expect_equal("POSIX lock", 10'020, helper_->ask('1'));
    expect_equal("lock of an open file description", 10'020, helper_->ask('2'));
  }

 private:
  std::array<int, 3> fds_{};
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(FileLocks, "file_locks");

}  // namespace
}  // namespace stasis::workload
