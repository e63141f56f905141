// What belongs to the address space as a whole: brk, the main stack, arguments and environment, the
// vDSO; and pages that forked processes share.
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/smaps.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

// Deep enough that the stack has to grow by a megabyte.
__attribute__((noinline)) std::int64_t deep_sum(int depth) {
  volatile char frame[4096];
  for (std::size_t at = 0; at < sizeof frame; at += 512) frame[at] = static_cast<char>(depth);
  const std::int64_t below = depth == 0 ? 0 : deep_sum(depth - 1);
  return below + frame[512];
}

// Fields 26-28 and 45-51 of /proc/self/stat: code, stack, data, brk, arguments, environment.
std::vector<std::string> layout_fields() {
  const std::string text = read_text("/proc/self/stat");
  std::vector<std::string> fields{"", "pid", "comm"};
  for (std::size_t at = text.rfind(')') + 2; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    fields.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  std::vector<std::string> kept;
  for (std::size_t index : {26, 27, 28, 45, 46, 47, 48, 49, 50, 51}) kept.push_back(fields[index]);
  return kept;
}

class ProcessMemory : public Workload {
 public:
  void set_up() override {
    must(reinterpret_cast<std::intptr_t>(sbrk(1 << 20)), "sbrk");
    layout_ = layout_fields();
    command_line_ = read_text("/proc/self/cmdline");
    environment_ = read_text("/proc/self/environ");
    auxv_ = read_text("/proc/self/auxv");
    char path[4096] = {};
    must(readlink("/proc/self/exe", path, sizeof path - 1), "readlink");
    exe_ = path;
    std::memset(on_stack_, 0x77, sizeof on_stack_);
  }

  void verify() override {
    const auto now = layout_fields();
    for (std::size_t index = 0; index < layout_.size(); ++index)
      expect_equal(fmt::format("layout field {}", index), layout_[index], now[index]);
    expect_equal("command line", command_line_, read_text("/proc/self/cmdline"));
    expect(environment_ == read_text("/proc/self/environ"), "environment");
    expect(auxv_ == read_text("/proc/self/auxv"), "auxv");
    char path[4096] = {};
    must(readlink("/proc/self/exe", path, sizeof path - 1), "readlink");
    expect_equal("exe", exe_, path);
    expect_equal("deep stack", deep_sum(300), deep_sum(300));
    check_brk();
    check_vdso();
  }

 private:
  static void check_brk() {
    char* before = static_cast<char*>(sbrk(8192));
    expect(before != reinterpret_cast<char*>(-1), "brk does not grow");
    if (before == reinterpret_cast<char*>(-1)) return;
    before[8191] = 1;
    expect(sbrk(-8192) == before + 8192, "brk is not where it was");
  }

  static void check_vdso() {
    const SmapsEntry vdso = read_smaps(reinterpret_cast<void*>(getauxval(AT_SYSINFO_EHDR)));
    expect_equal("vdso permissions", "r-xp", vdso.permissions);
    timespec through_vdso{}, through_kernel{};
    clock_gettime(CLOCK_MONOTONIC, &through_vdso);
    syscall(228 /* clock_gettime */, CLOCK_MONOTONIC, &through_kernel);
    const std::int64_t apart = (through_kernel.tv_sec - through_vdso.tv_sec) * 1000 +
                               (through_kernel.tv_nsec - through_vdso.tv_nsec) / 1'000'000;
    expect(apart >= 0 && apart < 5000, fmt::format("vdso and kernel are {} ms apart", apart));
  }

  std::vector<std::string> layout_;
  std::string command_line_, environment_, auxv_, exe_;
  char on_stack_[64] = {};
};

STASIS_WORKLOAD(ProcessMemory, "process_memory");

// Forked processes share the pages that none of them has written since.
class CopyOnWrite : public Workload {
  static constexpr std::size_t kBytes = std::size_t{4} << 20;

 public:
  void set_up() override {
    void* at = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) fail("map memory");
    bytes_ = static_cast<char*>(at);
    must(madvise(bytes_, kBytes, MADV_NOHUGEPAGE), "madvise");
    for (std::size_t index = 0; index < kBytes; ++index)
      bytes_[index] = static_cast<char>(index % 251);
    for (int index = 0; index < 3; ++index) {
      helpers_.push_back(std::make_unique<Helper>([this](char question) -> std::int64_t {
        if (question == 'w') return bytes_[4096] = 0;
        return question == 's' ? sum() : read_smaps(bytes_).pss_kib;
      }));
    }
    helpers_[0]->ask('w');
  }

  void verify() override {
    const std::int64_t expected = sum();
    for (std::size_t index = 0; index < helpers_.size(); ++index) {
      const std::int64_t own = index == 0 ? expected - 4096 % 251 : expected;
      expect_equal("sum in a child", own, helpers_[index]->ask('s'));
    }
    constexpr std::int64_t kShare = kBytes / 1024 / 4;  // four processes
    const std::int64_t pss = read_smaps(bytes_).pss_kib;
    expect(pss < kShare + 64,
           fmt::format("share of the memory: expected {} KiB, found {}", kShare, pss));
  }

 private:
  std::int64_t sum() const {
    std::int64_t total = 0;
    for (std::size_t index = 0; index < kBytes; ++index) total += bytes_[index];
    return total;
  }
  char* bytes_ = nullptr;
  std::vector<std::unique_ptr<Helper>> helpers_;
};

STASIS_WORKLOAD(CopyOnWrite, "copy_on_write");

}  // namespace
}  // namespace stasis::workload
