// Memory in huge pages of their own (MAP_HUGETLB), which the machine must have set aside.
#include <sys/mman.h>

#include <cstring>

#include "workloads/smaps.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

class HugePages : public Workload {
  static constexpr std::size_t kPage = std::size_t{2} << 20;

 public:
  void set_up() override {
    void* at = mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    if (at == MAP_FAILED) fail("map huge pages");
    bytes_ = static_cast<unsigned char*>(at);
    for (std::size_t index = 0; index < kPage; ++index) bytes_[index] = value_of(index);
    bytes_[2 * kPage] = 9;
    flags_ = read_smaps(bytes_).flags;
  }

  void verify() override {
    std::int64_t wrong = 0;
    for (std::size_t index = 0; index < kPage; ++index) wrong += bytes_[index] != value_of(index);
    expect_equal("wrong bytes in a huge page", 0, wrong);
    expect_equal("untouched huge page", 0, bytes_[kPage + 1]);
    expect_equal("last huge page", 9, bytes_[2 * kPage]);
    expect_equal("flags", flags_, read_smaps(bytes_).flags);
  }

 private:
  static unsigned char value_of(std::size_t index) {
    return static_cast<unsigned char>(index * 7 % 251);
  }
  unsigned char* bytes_ = nullptr;
  std::string flags_;
};

STASIS_WORKLOAD(HugePages, "huge_pages");

}  // namespace
}  // namespace stasis::workload
