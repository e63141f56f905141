// Threads that write all the time: a snapshot has to be of one moment for all of them.
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <thread>

#include "workloads/workload.h"

namespace stasis::workload {
namespace {

// Writes 1, 2, 3 ... to the first word of every page in turn. At any one moment the pages hold the
// number n up to the place of writing and n-1 behind it.
class Consistency : public Workload {
  static constexpr std::size_t kWordsOfPage = 512;

 public:
  explicit Consistency(std::size_t pages = 2048) : pages_(pages) {}
  void set_up() override {
    void* at =
        mmap(nullptr, pages_ * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) fail("map memory");
    words_ = static_cast<std::uint64_t*>(at);
    writer_ = std::thread([this] { write_forever(); });
    adder_ = std::thread([this] { add_forever(); });
    rounds_.wait(0);
  }

  void verify() override {
    const std::uint64_t before = rounds_.load();
    while (rounds_.load() < before + 3) std::this_thread::yield();
    expect_equal("pages that were not of one moment", 0, wrong_.load());
    expect_equal("sums that were not of one moment", 0, wrong_sums_.load());
  }

 private:
  void write_forever() {
    for (std::uint64_t number = 1;; ++number) {
      for (std::size_t page = 0; page < pages_; ++page) {
        std::uint64_t& word = words_[page * kWordsOfPage];
        if (word != number - 1) ++wrong_;
        word = number;
      }
      rounds_.store(number);
      rounds_.notify_all();
    }
  }
  void add_forever() {
    std::array<volatile std::uint64_t, 2> sums{};
    while (true) {
      sums[0] = sums[0] + 3;
      sums[1] = sums[1] + 5;
      if (sums[0] * 5 != sums[1] * 3) ++wrong_sums_;
    }
  }

  std::size_t pages_;
  std::uint64_t* words_ = nullptr;
  std::atomic<std::uint64_t> rounds_ = 0;
  std::atomic<std::int64_t> wrong_ = 0, wrong_sums_ = 0;
  std::thread writer_, adder_;
};

STASIS_WORKLOAD(Consistency, "consistency");

// As much as is copied before the stop, while the threads write to it.
class LargeConsistency : public Consistency {
 public:
  LargeConsistency() : Consistency(16'384) {}
};

STASIS_WORKLOAD(LargeConsistency, "large_consistency");

}  // namespace
}  // namespace stasis::workload
