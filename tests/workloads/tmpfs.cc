// Contents of the container's own tmpfs mounts.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

std::string link_of(const std::string& path) {
  std::array<char, 256> target{};
  const ssize_t length = readlink(path.c_str(), target.data(), target.size());
  return length < 0 ? "" : std::string(target.data(), static_cast<std::size_t>(length));
}

std::string xattrs_of(const std::string& path) {
  std::array<char, 512> names{};
  const ssize_t length = llistxattr(path.c_str(), names.data(), names.size());
  std::string found;
  for (ssize_t at = 0; at < length;) {
    const char* name = names.data() + at;
    std::array<char, 64> value{};
    const ssize_t size = lgetxattr(path.c_str(), name, value.data(), value.size());
    found += fmt::format(" {}={}", name, std::string_view(value.data(), size < 0 ? 0 : size));
    at += static_cast<ssize_t>(std::strlen(name)) + 1;
  }
  return found;
}

// Access times are left out where looking at them changes them.
std::string describe_entry(const std::string& path) {
  struct stat status {};
  must(lstat(path.c_str(), &status), "lstat " + path);
  const bool directory = S_ISDIR(status.st_mode);
  return fmt::format(
      "{} mode {:o} owner {}:{} links {} device {:x} size {} blocks {} mtime {}.{} "
      "-> '{}'{}",
      path, status.st_mode, status.st_uid, status.st_gid, status.st_nlink, status.st_rdev,
      status.st_size, directory ? 0 : status.st_blocks, status.st_mtim.tv_sec,
      status.st_mtim.tv_nsec, link_of(path), xattrs_of(path));
}

// Everything below a directory, itself included.
std::vector<std::string> describe_tree(const std::string& base) {
  std::vector<std::string> found{describe_entry(base)};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(base)) {
    found.push_back(describe_entry(entry.path()));
  }
  std::sort(found.begin(), found.end());
  return found;
}

void expect_same(const std::vector<std::string>& before, const std::vector<std::string>& now) {
  expect_equal("number of files", static_cast<std::int64_t>(before.size()),
               static_cast<std::int64_t>(now.size()));
  for (std::size_t index = 0; index < std::min(before.size(), now.size()); ++index)
    expect_equal("file", before[index], now[index]);
}

// Modes, owners, links, times, attributes, nodes, a sparse file, and names that are gone.
class TmpfsContents : public Workload {
 public:
  void set_up() override {
    base_ = fmt::format("/dev/shm/contents.{}", getpid());
    must(mkdir(base_.c_str(), 01770), "mkdir");
    make_files();
    make_nodes();
    make_deep_tree();
    before_ = describe_tree(base_);
  }
  void verify() override {
    expect_same(before_, describe_tree(base_));
    const std::string text = read_text(base_ + "/text");
    expect(text.size() == 100'003 && text.ends_with("xend"), "contents of the file");
    const int fd = must_fd(open((base_ + "/sparse").c_str(), O_RDONLY | O_CLOEXEC), "open");
    std::array<char, 7> middle{};
    must(pread(fd, middle.data(), 6, 1 << 29), "pread");
    close(fd);
    expect_equal("middle of the sparse file", "middle", middle.data());
    check_links();
  }

 private:
  void make_files() const {
    std::ofstream(base_ + "/text") << std::string(100'000, 'x') << "end";
    must(chmod((base_ + "/text").c_str(), 0640), "chmod");
    must(link((base_ + "/text").c_str(), (base_ + "/hardlink").c_str()), "link");
    std::ofstream(base_ + "/empty") << "";
    must(chmod((base_ + "/empty").c_str(), 06755), "chmod");
    std::ofstream(base_ + "/removed") << "gone";
    must(unlink((base_ + "/removed").c_str()), "unlink");
    std::ofstream(base_ + "/name with \n and \xff") << "odd name";
    const int fd =
        must_fd(open((base_ + "/sparse").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open");
    must(ftruncate(fd, 1 << 30), "ftruncate");
    must(pwrite(fd, "middle", 6, 1 << 29), "pwrite");
    close(fd);
    for (const char* name : {"/text", "/empty"}) {
      must(setxattr((base_ + name).c_str(), "user.note", "of a user", 9, 0), "setxattr");
    }
    const std::array<timespec, 2> times = {timespec{1'000'000'000, 5}, timespec{1'100'000'000, 7}};
    must(utimensat(AT_FDCWD, (base_ + "/text").c_str(), times.data(), 0), "utimensat");
  }
  void make_nodes() const {
    must(symlink("text", (base_ + "/symlink").c_str()), "symlink");
    must(symlink("/nowhere", (base_ + "/dangling").c_str()), "symlink");
    must(link((base_ + "/symlink").c_str(), (base_ + "/symlink2").c_str()), "link");
    must(mkfifo((base_ + "/fifo").c_str(), 0604), "mkfifo");
    // The node of a socket that nobody has any more.
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    fmt::format_to_n(name.sun_path, sizeof name.sun_path - 1, "{}/socket", base_);
    const int fd = must_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    must(bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name), "bind");
    close(fd);
    must(mknod((base_ + "/device").c_str(), S_IFCHR | 0620, makedev(1, 3)), "mknod");
  }
  // Directories last get a time of their own, which making entries would change.
  void make_deep_tree() const {
    std::string path = base_;
    for (int level = 0; level < 6; ++level) {
      path += fmt::format("/level{}", level);
      must(mkdir(path.c_str(), 0700 | level), "mkdir");
      std::ofstream(path + "/file") << "at level " << level;
    }
    const std::array<timespec, 2> times = {timespec{900'000'000, 1}, timespec{900'000'001, 2}};
    for (int level = 5; level >= 0; --level) {
      must(utimensat(AT_FDCWD, path.c_str(), times.data(), 0), "utimensat");
      path.resize(path.rfind('/'));
    }
  }
  void check_links() const {
    struct stat text {
    }, link{};
    must(stat((base_ + "/text").c_str(), &text), "stat");
    must(stat((base_ + "/hardlink").c_str(), &link), "stat");
    expect_equal("inode of the hard link", static_cast<std::int64_t>(text.st_ino),
                 static_cast<std::int64_t>(link.st_ino));
  }
  std::string base_;
  std::vector<std::string> before_;
};

STASIS_WORKLOAD(TmpfsContents, "tmpfs_contents");

// Files in use on a tmpfs: mapped and shared with a child, open at an offset, removed while open,
// and the directory around them.
class TmpfsInUse : public Workload {
 public:
  void set_up() override {
    base_ = fmt::format("/dev/shm/in_use.{}", getpid());
    must(mkdir(base_.c_str(), 0755), "mkdir");
    mapped_ = map(make(base_ + "/mapped"));
    removed_fd_ = make(base_ + "/removed");
    removed_ = map(removed_fd_);
    std::strcpy(removed_, "removed and mapped");
    must(unlink((base_ + "/removed").c_str()), "unlink");
    // Written through the mapping only, one page in the middle: the rest stays a hole.
    std::strcpy(mapped_ + kMiddle, "through a mapping");
    reading_ = must_fd(open((base_ + "/mapped").c_str(), O_RDONLY | O_CLOEXEC), "open");
    must(lseek(reading_, kMiddle + 8, SEEK_SET), "lseek");
    helper_ = std::make_unique<Helper>([this](char) -> std::int64_t { return mapped_[kMiddle]; });
    listener_ = must_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    fmt::format_to_n(name.sun_path, sizeof name.sun_path - 1, "{}/listener", base_);
    must(bind(listener_, reinterpret_cast<const sockaddr*>(&name), sizeof name), "bind");
    must(listen(listener_, 1), "listen");
    const std::array<timespec, 2> times = {timespec{800'000'000, 1}, timespec{800'000'001, 2}};
    must(utimensat(AT_FDCWD, base_.c_str(), times.data(), 0), "utimensat");
    before_ = describe_entry(base_);
  }
  void verify() override {
    expect_equal("directory", before_, describe_entry(base_));
    expect_equal("mapped text", "through a mapping", mapped_ + kMiddle);
    expect_equal("removed text", "removed and mapped", removed_);
    std::array<char, 10> text{};
    must(pread(removed_fd_, text.data(), 7, 0), "pread");
    expect_equal("removed text by the descriptor", "removed", text.data());
    text = {};
    must(read(reading_, text.data(), 9), "read");
    expect_equal("text at the offset", "a mapping", text.data());
    must(lseek(reading_, kMiddle + 8, SEEK_SET), "lseek");
    struct stat status {};
    must(fstat(reading_, &status), "fstat");
    expect_equal("blocks of the mapped file", 8, status.st_blocks);
    mapped_[kMiddle] = 'T';
    expect_equal("byte in the child", 'T', helper_->ask('b'));
    char seen = 0;
    must(pread(reading_, &seen, 1, kMiddle), "pread");
    expect_equal("byte in the file", 'T', seen);
    mapped_[kMiddle] = 't';
  }

 private:
  static constexpr std::size_t kSize = 1 << 20;
  static constexpr std::size_t kMiddle = kSize / 2;
  static int make(const std::string& path) {
    const int fd = must_fd(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), path);
    must(ftruncate(fd, kSize), "ftruncate");
    return fd;
  }
  static char* map(int fd) {
    void* at = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) fail("mmap");
    return static_cast<char*>(at);
  }
  std::string base_, before_;
  char *mapped_ = nullptr, *removed_ = nullptr;
  int reading_ = -1, removed_fd_ = -1, listener_ = -1;
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(TmpfsInUse, "tmpfs_in_use");

}  // namespace
}  // namespace stasis::workload
