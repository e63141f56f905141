// Memory of real processes through an image and back, on the running kernel.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstring>

#include <gtest/gtest.h>

#include "integration/kernel/checkpointed_memory.h"
#include "integration/kernel/forked_program.h"
#include "sys/pagemap.h"

namespace stasis::test {
namespace {

constexpr std::size_t kPage = 4096;

std::uint64_t value_at(std::uint64_t seed, std::size_t index) {
  return (seed + index + 1) * 0x9e3779b97f4a7c15;
}

void fill(void* at, std::size_t bytes, std::uint64_t seed) {
  auto* words = static_cast<std::uint64_t*>(at);
  for (std::size_t i = 0; i < bytes / sizeof(*words); ++i) words[i] = value_at(seed, i);
}

bool holds(const void* at, std::size_t bytes, std::uint64_t seed) {
  const auto* words = static_cast<const std::uint64_t*>(at);
  for (std::size_t i = 0; i < bytes / sizeof(*words); ++i) {
    if (words[i] != value_at(seed, i)) return false;
  }
  return true;
}

bool is_zero(const char* at, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    if (at[i] != 0) return false;
  }
  return true;
}

char* map(std::size_t bytes, int protection, int flags, int fd = -1) {
  return static_cast<char*>(::mmap(nullptr, bytes, protection, flags, fd, 0));
}

class MemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "stasis-memory-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    for (const HostPid pid : rebuilt_) {
      ::kill(pid.value, SIGKILL);
      ::waitpid(pid.value, nullptr, __WALL);
    }
    const std::string command = "rm -rf '" + directory_ + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }

  // Saves, kills, rebuilds.
  void cycle(ForkedProgram& program, When copy = When::kInTheStop) {
    const auto saved = save_memory({program.pid()}, directory_ + "/image", copy);
    ASSERT_TRUE(saved.has_value()) << saved.error().message();
    ASSERT_TRUE(saved->blockers.empty()) << checkpoint::describe(saved->blockers);
    saved_ = *saved;
    ASSERT_EQ(program.ask('c'), 0) << "the process that was saved goes on";
    program.kill();
    const auto image = image::ImageReader::open(directory_ + "/image");
    ASSERT_TRUE(image.has_value()) << image.error().message();
    rebuilt_ = {HostPid{image->container().processes[0].pid.value}};
    const auto rebuilt = rebuild(*image, program.fds());
    ASSERT_TRUE(rebuilt.has_value()) << rebuilt.error().message();
  }

  std::string directory_;
  std::vector<HostPid> rebuilt_;
  SavedMemory saved_;
};

TEST_F(MemoryTest, KeepsPrivateMemory) {
  constexpr std::size_t kBig = 8 << 20;
  char* data = nullptr;
  char* guard = nullptr;
  char* constant = nullptr;
  char* zeros = nullptr;
  ForkedProgram program(
      {.set_up =
           [&] {
             data = map(kBig, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
             fill(data, kBig / 2, 7);  // the rest stays untouched
             guard = map(kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS);
             constant = map(2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
             fill(constant, 2 * kPage, 9);
             ::mprotect(constant, 2 * kPage, PROT_READ);
             zeros = map(16 * kPage, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
             std::memset(zeros, 0, 16 * kPage);
             ::madvise(zeros, 16 * kPage, MADV_DONTFORK);
             ::mlock(zeros, 16 * kPage);
           },
       .answer =
           [&](char) {
             if (!holds(data, kBig / 2, 7)) return 1;
             if (!is_zero(data + kBig / 2, kBig / 2)) return 2;
             if (!holds(constant, 2 * kPage, 9)) return 3;
             if (!is_zero(zeros, 16 * kPage)) return 4;
             data[0] = data[0];  // writable
             return 0;
           }});
  cycle(program);
  EXPECT_EQ(program.ask('c'), 0);
  EXPECT_EQ(program.ask('c'), 0);
}

TEST_F(MemoryTest, KeepsMappedFilesAndCopiedPages) {
  const std::string path = directory_ + "/file";
  const std::string removed = directory_ + "/removed";
  char* shared = nullptr;
  char* copied = nullptr;
  char* ghost = nullptr;
  ForkedProgram program(
      {.set_up =
           [&] {
             const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
             ::ftruncate(fd, 4 * kPage);
             shared = map(4 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
             fill(shared, 4 * kPage, 20);
             copied = map(4 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
             std::memset(copied + kPage, 0, kPage);
             const int gone = ::open(removed.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
             ::ftruncate(gone, 3 * kPage - 10);
             ghost = map(3 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, gone);
             fill(ghost + kPage, kPage, 30);
             ::unlink(removed.c_str());
             ::close(gone);
             ::close(fd);
           },
       .answer =
           [&](char) {
             if (!holds(shared, 4 * kPage, 20)) return 1;
             if (!holds(copied, kPage, 20)) return 2;
             if (!is_zero(copied + kPage, kPage)) return 3;
             if (std::memcmp(copied + 2 * kPage, shared + 2 * kPage, 2 * kPage) != 0) return 4;
             if (!is_zero(ghost, kPage) || !holds(ghost + kPage, kPage, 30)) return 5;
             return 0;
           }});
  cycle(program);
  EXPECT_EQ(program.ask('c'), 0);
}

TEST_F(MemoryTest, KeepsSharedMemoryAndItsIdentity) {
  char* anonymous = nullptr;
  char* first = nullptr;
  char* second = nullptr;
  char* own = nullptr;
  ForkedProgram program(
      {.set_up =
           [&] {
             anonymous = map(8 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
             fill(anonymous + 4 * kPage, kPage, 40);
             const int fd = ::memfd_create("pattern", MFD_CLOEXEC | MFD_ALLOW_SEALING);
             ::ftruncate(fd, 4 * kPage);
             ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
             first = map(4 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
             second = map(4 * kPage, PROT_READ, MAP_SHARED, fd);
             own = map(4 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
             fill(first, 2 * kPage, 50);
             fill(own + kPage, kPage, 60);
             ::close(fd);
           },
       .answer =
           [&](char) {
             if (!is_zero(anonymous, 4 * kPage)) return 1;
             if (!holds(anonymous + 4 * kPage, kPage, 40)) return 2;
             if (!holds(second, 2 * kPage, 50)) return 3;
             if (!holds(own, kPage, 50) || !holds(own + kPage, kPage, 60)) return 4;
             first[3 * kPage] = 'x';
             return second[3 * kPage] == 'x' && own[3 * kPage] == 'x' ? 0 : 5;
           }});
  cycle(program);
  EXPECT_EQ(program.ask('c'), 0);
}

TEST_F(MemoryTest, SharesPagesOfForksAgain) {
  constexpr std::size_t kBytes = 1 << 20;
  char* data = map(kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
  fill(data, kBytes, 70);
  // Both are forks of the test: what neither wrote since is one page in both.
  ForkedProgram parent({.set_up = [&] { fill(data, kPage, 71); },
                        .answer =
                            [&](char) {
                              if (!holds(data, kPage, 71)) return 1;
                              return data[kBytes - 1] != 0 ? 0 : 2;
                            }});
  ForkedProgram child({.set_up =
                           [&] {
                             fill(data + 4 * kPage, kPage, 72);
                             ::madvise(data + 8 * kPage, kPage, MADV_DONTNEED);
                           },
                       .answer =
                           [&](char) {
                             if (!holds(data, 4 * kPage, 70)) return 1;
                             if (!holds(data + 4 * kPage, kPage, 72)) return 2;
                             return is_zero(data + 8 * kPage, kPage) ? 0 : 3;
                           }});
  ::munmap(data, kBytes);
  const auto saved = save_memory({parent.pid(), child.pid()}, directory_ + "/image");
  ASSERT_TRUE(saved.has_value()) << saved.error().message();
  EXPECT_GE(saved->statistics.shared_bytes, kBytes - 16 * kPage);
  parent.kill();
  child.kill();
  const auto image = image::ImageReader::open(directory_ + "/image");
  ASSERT_TRUE(image.has_value()) << image.error().message();
  const HostPid first{image->container().processes[0].pid.value};
  const HostPid second{image->container().processes[1].pid.value};
  rebuilt_ = {second, first};
  auto fds = parent.fds();
  for (const int fd : child.fds()) fds.push_back(fd);
  const auto rebuilt = rebuild(*image, fds);
  ASSERT_TRUE(rebuilt.has_value()) << rebuilt.error().message();
  EXPECT_EQ(parent.ask('c'), 0);
  EXPECT_EQ(child.ask('c'), 0);

  const auto frames = [&](HostPid pid) {
    const UniqueFd map = sys::open(fmt::format("/proc/{}/pagemap", pid.value), O_RDONLY).value();
    std::vector<sys::PagemapEntry> entries(kBytes / kPage);
    EXPECT_TRUE(
        sys::read_pagemap(map.get(), reinterpret_cast<std::uint64_t>(data), entries).has_value());
    return entries;
  };
  const auto of_parent = frames(first);
  const auto of_child = frames(second);
  for (std::size_t i = 0; i < of_parent.size(); ++i) {
    const bool own = i == 0 || i == 4 || i == 8;
    EXPECT_EQ(of_parent[i].frame() == of_child[i].frame(), !own) << "page " << i;
  }
}

// Writes to pages at random, in two areas alike: what one has, the other has, too.
class BusyPages {
 public:
  static constexpr std::size_t kBytes = std::size_t{16} << 20;
  enum class Place { kFixed, kMoving };

  explicit BusyPages(Place place) : moving_(place == Place::kMoving) {}
  void set_up() {
    first_ = map(kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    second_ = map(kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    fill(first_, kBytes, 80);
    std::memcpy(second_, first_, kBytes);
  }
  // One page in four is hot. Pages go and come back as zeros now and then.
  void write_some() {
    constexpr std::size_t kPages = kBytes / kPage;
    for (int i = 0; i < 64; ++i) {
      state_ = state_ * 6364136223846793005 + 1442695040888963407;
      const std::size_t page = (state_ >> 33) % (kPages / 4) * 4;
      if ((state_ >> 20) % 512 == 0) {
        ::madvise(first_ + page * kPage, kPage, MADV_DONTNEED);
        ::madvise(second_ + page * kPage, kPage, MADV_DONTNEED);
        continue;
      }
      if (moving_ &&
          (state_ >> 20) % 4096 == 1) {  // elsewhere and back: what watches it stays behind
        auto* aside = map(kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
        ::mremap(second_, kBytes, kBytes, MREMAP_MAYMOVE | MREMAP_FIXED, aside);
        second_ = aside;
      }
      std::memcpy(first_ + page * kPage, &state_, sizeof(state_));
      std::memcpy(second_ + page * kPage, &state_, sizeof(state_));
    }
  }
  bool are_alike() const { return std::memcmp(first_, second_, kBytes) == 0; }

 private:
  bool moving_;
  char* first_ = nullptr;
  char* second_ = nullptr;
  std::uint64_t state_ = 1;
};

TEST_F(MemoryTest, CopiesEarlyWhileTheProgramWrites) {
  BusyPages pages(BusyPages::Place::kFixed);
  ForkedProgram program({.set_up = [&] { pages.set_up(); },
                         .answer = [&](char) { return pages.are_alike() ? 0 : 1; },
                         .busy = [&] { pages.write_some(); }});
  cycle(program, When::kBefore);
  EXPECT_EQ(program.ask('c'), 0);
  EXPECT_EQ(program.ask('c'), 0);
  EXPECT_GE(saved_.pre_copy.copied_bytes, 2 * BusyPages::kBytes);
  EXPECT_GE(saved_.statistics.pre_copied_bytes, BusyPages::kBytes);
  EXPECT_LE(saved_.statistics.copied_bytes, BusyPages::kBytes);
}

TEST_F(MemoryTest, CopiesEarlyWhileTheProgramMovesItsMemory) {
  BusyPages pages(BusyPages::Place::kMoving);
  ForkedProgram program({.set_up = [&] { pages.set_up(); },
                         .answer = [&](char) { return pages.are_alike() ? 0 : 1; },
                         .busy = [&] { pages.write_some(); }});
  cycle(program, When::kBefore);
  EXPECT_EQ(program.ask('c'), 0);
}

}  // namespace
}  // namespace stasis::test
