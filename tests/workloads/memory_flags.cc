// Protections and advice, as /proc/self/smaps shows them; guard pages, locked memory, sparse
// memory, memory with code in it.
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "workloads/smaps.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

constexpr std::size_t kSize = 64 * 1024;

void* map(int protection, int flags, std::size_t size = kSize) {
  void* at = mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  if (at == MAP_FAILED) fail("map memory");
  return at;
}

class MemoryFlags : public Workload {
 public:
  void set_up() override {
    add("PROT_NONE", map(PROT_NONE, 0));
    add("PROT_READ", map(PROT_READ, 0));
    add("PROT_EXEC", map(PROT_READ | PROT_EXEC, 0));
    add("NORESERVE", map(PROT_READ | PROT_WRITE, MAP_NORESERVE));
    add("GROWSDOWN", map(PROT_READ | PROT_WRITE, MAP_GROWSDOWN));
    advise("DONTFORK", MADV_DONTFORK);
    advise("WIPEONFORK", MADV_WIPEONFORK);
    advise("DONTDUMP", MADV_DONTDUMP);
    advise("HUGEPAGE", MADV_HUGEPAGE);
    advise("NOHUGEPAGE", MADV_NOHUGEPAGE);
    advise("SEQUENTIAL", MADV_SEQUENTIAL);
    advise("RANDOM", MADV_RANDOM);
    void* locked = map(PROT_READ | PROT_WRITE, 0);
    must(mlock(locked, 4096), "mlock");
    add("mlock", locked);
    void* on_fault = static_cast<char*>(map(PROT_READ | PROT_WRITE, 0, 2 * kSize)) + kSize;
    must(mlock2(on_fault, 4096, MLOCK_ONFAULT), "mlock2");
    add("mlock on fault", on_fault);
    guarded_ = static_cast<char*>(map(PROT_READ | PROT_WRITE, 0, 3 * 4096));
    std::memset(guarded_, 0x3c, 3 * 4096);
    must(mprotect(guarded_ + 4096, 4096, PROT_NONE), "mprotect");
    add("guard page", guarded_ + 4096);
    install_guards();
  }

  void verify() override {
    for (const Noted& one : noted_) {
      const SmapsEntry now = read_smaps(one.address);
      expect_equal(one.name + " permissions", one.entry.permissions, now.permissions);
      expect_equal(one.name + " flags", one.entry.flags, now.flags);
    }
    // What was written before a page became a guard is still below it.
    must(mprotect(guarded_ + 4096, 4096, PROT_READ), "mprotect");
    expect_equal("byte below the guard", 0x3c, guarded_[4096]);
    must(mprotect(guarded_ + 4096, 4096, PROT_NONE), "mprotect");
    verify_guards();
  }

 private:
  // Guard pages without an area of their own, where the kernel has them (Linux 6.13).
  static constexpr int kGuardInstall = 102;
  void install_guards() {
    light_ = static_cast<char*>(map(PROT_READ | PROT_WRITE, 0, 8 * 4096 + kSize));
    std::memset(light_, 0x3d, 8 * 4096);
    // The area above differs by its advice alone, and has no guards.
    char* above = light_ + 8 * 4096;
    must(madvise(above, kSize, MADV_DONTDUMP), "madvise");
    has_light_guards_ = madvise(light_ + 2 * 4096, 2 * 4096, kGuardInstall) == 0;
    add("above light guards", above);
  }
  // A write(2) from a guard page fails instead of ending the program.
  bool is_readable(const char* at) const {
    int pipe_ends[2];
    must(pipe(pipe_ends), "pipe");
    const bool readable = write(pipe_ends[1], at, 1) == 1;
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    return readable;
  }
  void verify_guards() const {
    if (!has_light_guards_) return;
    for (int page = 0; page < 8; ++page) {
      const bool guard = page == 2 || page == 3;
      expect_equal(fmt::format("page {} beside light guards is readable", page), !guard,
                   is_readable(light_ + page * 4096));
      if (!guard) expect_equal("byte beside light guards", 0x3d, light_[page * 4096]);
    }
  }

  struct Noted {
    std::string name;
    void* address;
    SmapsEntry entry;
  };
  void add(const std::string& name, void* address) {
    noted_.push_back({name, address, read_smaps(address)});
  }
  void advise(const std::string& name, int advice) {
    void* at = map(PROT_READ | PROT_WRITE, 0);
    must(madvise(at, kSize, advice), "madvise " + name);
    add(name, at);
  }

  std::vector<Noted> noted_;
  char* guarded_ = nullptr;
  char* light_ = nullptr;
  bool has_light_guards_ = false;
};

STASIS_WORKLOAD(MemoryFlags, "memory_flags");

// In a process so large that its areas are looked at before the stop, and whose areas change all
// the time.
class LargeMemoryFlags : public MemoryFlags {
  static constexpr std::size_t kBytes = std::size_t{48} << 20;

 public:
  void set_up() override {
    void* ballast = map(PROT_READ | PROT_WRITE, 0, kBytes);
    must(madvise(ballast, kBytes, MADV_NOHUGEPAGE), "madvise");
    std::memset(ballast, 0x21, kBytes);
    MemoryFlags::set_up();
    mapper_ = std::thread([] {
      while (true) munmap(map(PROT_READ | PROT_WRITE, 0, 4 * kSize), 4 * kSize);
    });
  }

 private:
  std::thread mapper_;
};

STASIS_WORKLOAD(LargeMemoryFlags, "large_memory_flags");

// A gigabyte of which a few pages are touched stays so, and the rest reads as zeros.
class SparseMemory : public Workload {
  static constexpr std::size_t kBytes = std::size_t{1} << 30;
  static constexpr std::size_t kStep = std::size_t{64} << 20;

 public:
  void set_up() override {
    bytes_ = static_cast<char*>(map(PROT_READ | PROT_WRITE, MAP_NORESERVE, kBytes));
    must(madvise(bytes_, kBytes, MADV_NOHUGEPAGE), "madvise");
    for (std::size_t at = 0; at < kBytes; at += kStep) bytes_[at] = 0x11;
  }
  void verify() override {
    for (std::size_t at = 0; at < kBytes; at += kStep)
      expect_equal("touched page", 0x11, bytes_[at]);
    expect(read_smaps(bytes_).rss_kib <= 2 * 4 * static_cast<std::int64_t>(kBytes / kStep),
           "sparse memory became resident");
    expect_equal("untouched page", 0, bytes_[kStep / 2]);
    must(madvise(bytes_ + kStep / 2, 4096, MADV_DONTNEED), "madvise");
    // Dropped private anonymous memory reads as zeros, never as what an image held.
    must(madvise(bytes_, 4096, MADV_DONTNEED), "madvise");
    expect_equal("dropped page", 0, bytes_[0]);
    bytes_[0] = 0x11;
  }

 private:
  char* bytes_ = nullptr;
};

STASIS_WORKLOAD(SparseMemory, "sparse_memory");

class WrittenCode : public Workload {
 public:
  void set_up() override {
    code_ = map(PROT_READ | PROT_WRITE | PROT_EXEC, 0);
    constexpr unsigned char kReturn42[] = {0xb8, 42, 0, 0, 0, 0xc3};
    std::memcpy(code_, kReturn42, sizeof kReturn42);
  }
  void verify() override { expect_equal("written code", 42, reinterpret_cast<int (*)()>(code_)()); }

 private:
  void* code_ = nullptr;
};

STASIS_WORKLOAD(WrittenCode, "written_code");

}  // namespace
}  // namespace stasis::workload
