// One process with a pattern in private anonymous memory, and a counter.
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

#include "workloads/workload.h"

namespace stasis::workload {
namespace {

class MemoryPattern : public Workload {
  static constexpr std::size_t kWords = (std::size_t{8} << 20) / sizeof(std::uint64_t);

 public:
  void set_up() override {
    void* area = mmap(nullptr, kWords * sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) fail("map memory");
    words_ = static_cast<std::uint64_t*>(area);
    for (std::size_t index = 0; index < kWords; ++index) words_[index] = pattern(index);
  }

  void verify() override {
    ++rounds_;
    std::size_t wrong = 0;
    for (std::size_t index = 0; index < kWords; ++index) wrong += words_[index] != pattern(index);
    expect_equal("words that differ", 0, static_cast<std::int64_t>(wrong));
    // Writing shows that the memory is still private and writable.
    words_[rounds_] ^= 1;
    words_[rounds_] ^= 1;
  }

 private:
  static std::uint64_t pattern(std::size_t index) { return index * 0x9e3779b97f4a7c15ULL + 1; }
  std::uint64_t* words_ = nullptr;
  std::size_t rounds_ = 0;
};

STASIS_WORKLOAD(MemoryPattern, "memory_pattern");

}  // namespace
}  // namespace stasis::workload
