#include "sys/pagemap.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <gtest/gtest.h>

#include "sys/file.h"

namespace stasis::sys {
namespace {

constexpr std::uint64_t kPage = 4096;

class ScanPages : public testing::Test {
 protected:
  void SetUp() override {
    memory_ = static_cast<char*>(::mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    ASSERT_NE(memory_, MAP_FAILED);
    ASSERT_EQ(::madvise(memory_, kPages * kPage, MADV_NOHUGEPAGE), 0);
    pagemap_ = open("/proc/self/pagemap", O_RDONLY).value();
  }
  void TearDown() override { ::munmap(memory_, kPages * kPage); }

  std::uint64_t address(std::uint64_t page) const {
    return reinterpret_cast<std::uint64_t>(memory_) + page * kPage;
  }
  std::vector<PageRange> present() const {
    const auto found = scan_pages(pagemap_.get(), {.start = address(0),
                                                   .end = address(kPages),
                                                   .any_of = kPagePresent,
                                                   .reported = kPagePresent});
    EXPECT_TRUE(found.has_value()) << found.error().message();
    return *found;
  }

  static constexpr std::uint64_t kPages = 8192;
  char* memory_ = nullptr;
  UniqueFd pagemap_;
};

TEST_F(ScanPages, JoinsNeighbours) {
  for (const std::uint64_t page : {3, 4, 5, 4000}) memory_[page * kPage] = 'x';
  EXPECT_EQ(present(), (std::vector<PageRange>{{address(3), address(6), kPagePresent},
                                               {address(4000), address(4001), kPagePresent}}));
}

TEST_F(ScanPages, FindsMoreRangesThanOneCallHolds) {
  for (std::uint64_t page = 0; page < kPages; page += 2) memory_[page * kPage] = 'x';
  const auto found = present();
  ASSERT_EQ(found.size(), kPages / 2);
  for (std::uint64_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i], (PageRange{address(2 * i), address(2 * i + 1), kPagePresent}));
  }
}

TEST_F(ScanPages, NamesTheRangeItCannotScan) {
  const auto found = scan_pages(-1, {.start = 0x1000, .end = 0x2000, .reported = kPagePresent});
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().message(), "PAGEMAP_SCAN 0x1000-0x2000: EBADF");
}

}  // namespace
}  // namespace stasis::sys
