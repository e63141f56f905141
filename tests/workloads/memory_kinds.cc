// One mapping of every kind, with contents: private and shared, anonymous, file, memfd and
// /dev/shm, each looked at through the mapping, through the file behind it, and from a child.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

constexpr std::size_t kSize = 256 * 1024;

class Area {
 public:
  Area(std::string name, int flags, int fd) : name_(std::move(name)), fd_(fd) {
    void* at = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (at == MAP_FAILED) fail("map " + name_);
    bytes_ = static_cast<unsigned char*>(at);
  }
  void fill(unsigned char seed) {
    seed_ = seed;
    for (std::size_t index = 0; index < kSize; ++index) bytes_[index] = value(index);
  }
  // Only the second half: the first half of a private mapping still comes from the file.
  void fill_second_half(unsigned char seed) {
    split_ = true;
    seed_ = seed;
    for (std::size_t index = kSize / 2; index < kSize; ++index) bytes_[index] = value(index);
  }
  void check(unsigned char file_seed) const {
    std::size_t wrong = 0;
    for (std::size_t index = 0; index < kSize; ++index) {
      const unsigned char expected = split_ && index < kSize / 2
                                         ? static_cast<unsigned char>(index * 7 + file_seed)
                                         : value(index);
      wrong += bytes_[index] != expected;
    }
    expect_equal(name_ + ": wrong bytes", 0, static_cast<std::int64_t>(wrong));
  }
  // What the file behind a shared mapping holds is what the mapping holds.
  void check_file() const {
    const unsigned char old = bytes_[5];
    bytes_[5] = 0xa5;
    unsigned char seen = 0;
    must(pread(fd_, &seen, 1, 5), "pread");
    expect_equal(name_ + ": byte in the file", 0xa5, seen);
    must(pwrite(fd_, &old, 1, 5), "pwrite");
    expect_equal(name_ + ": byte in memory", old, bytes_[5]);
  }
  unsigned char* bytes() const { return bytes_; }
  const std::string& name() const { return name_; }

 private:
  unsigned char value(std::size_t index) const {
    return static_cast<unsigned char>(index * 7 + seed_);
  }
  std::string name_;
  int fd_;
  unsigned char* bytes_;
  unsigned char seed_ = 0;
  bool split_ = false;
};

int make_file(const std::string& path, unsigned char seed) {
  const int fd = must_fd(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), path);
  std::string text(kSize, '\0');
  for (std::size_t index = 0; index < kSize; ++index)
    text[index] = static_cast<char>(index * 7 + seed);
  must(write(fd, text.data(), text.size()), "write");
  return fd;
}

class MemoryKinds : public Workload {
 public:
  void set_up() override {
    private_ = std::make_unique<Area>("private anonymous", MAP_PRIVATE | MAP_ANONYMOUS, -1);
    shared_ = std::make_unique<Area>("shared anonymous", MAP_SHARED | MAP_ANONYMOUS, -1);
    const std::string base = fmt::format("/tmp/memory_kinds.{}", getpid());
    private_file_ = std::make_unique<Area>("private file", MAP_PRIVATE, make_file(base + ".p", 31));
    shared_file_ = std::make_unique<Area>("shared file", MAP_SHARED, make_file(base + ".s", 0));
    const int unlinked_fd = make_file(base + ".u", 0);
    unlinked_ = std::make_unique<Area>("shared unlinked file", MAP_SHARED, unlinked_fd);
    unlink((base + ".u").c_str());
    const int memory_fd = must_fd(memfd_create("kinds", MFD_CLOEXEC), "memfd_create");
    must(ftruncate(memory_fd, kSize), "ftruncate");
    memfd_ = std::make_unique<Area>("memfd", MAP_SHARED, memory_fd);
    const int shm_fd = make_file(fmt::format("/dev/shm/memory_kinds.{}", getpid()), 0);
    shm_ = std::make_unique<Area>("shm", MAP_SHARED, shm_fd);
    private_->fill(1);
    shared_->fill(2);
    private_file_->fill_second_half(3);
    shared_file_->fill(4);
    unlinked_->fill(5);
    memfd_->fill(6);
    shm_->fill(7);
    helper_ = std::make_unique<Helper>([this](char question) { return answer(question); });
  }

  void verify() override {
    for (const Area* area : all()) area->check(31);
    for (const Area* area : {shared_file_.get(), unlinked_.get(), memfd_.get(), shm_.get()})
      area->check_file();
    check_sharing();
  }

 private:
  std::array<Area*, 7> all() const {
    return {private_.get(),  shared_.get(), private_file_.get(), shared_file_.get(),
            unlinked_.get(), memfd_.get(),  shm_.get()};
  }

  std::int64_t answer(char question) const {
    return all()[static_cast<std::size_t>(question - '0')]->bytes()[9];
  }

  // A child sees what is written to shared memory, and not what is written to private memory.
  void check_sharing() const {
    for (std::size_t index = 0; index < all().size(); ++index) {
      const Area& area = *all()[index];
      const unsigned char old = area.bytes()[9];
      const auto changed = static_cast<unsigned char>(~old);
      area.bytes()[9] = changed;
      const bool is_private = index == 0 || index == 2;
      expect_equal(area.name() + " seen by a child", is_private ? old : changed,
                   helper_->ask(static_cast<char>('0' + index)));
      area.bytes()[9] = old;
    }
  }

  std::unique_ptr<Area> private_, shared_, private_file_, shared_file_, unlinked_, memfd_, shm_;
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(MemoryKinds, "memory_kinds");

}  // namespace
}  // namespace stasis::workload
