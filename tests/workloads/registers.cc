// Values that live in registers only, while the checkpoint happens: a thread loads all of them and
// spins until a word in memory changes, then stores what it finds.
#include <cpuid.h>

#include <array>
#include <atomic>
#include <cstring>
#include <thread>

#include <fmt/format.h>

#include "workloads/workload.h"

namespace stasis::workload {
namespace {

struct alignas(64) RegisterFile {
  std::array<std::uint64_t, 8> general;                 // rbx r8 r9 r10 r12 r13 r14 r15
  std::array<std::array<std::uint64_t, 8>, 32> vector;  // zmm0 to zmm31, or the lower parts of 16
  std::array<std::uint64_t, 8> mask;                    // k0 to k7
  double x87;
  std::uint32_t mxcsr;
  std::uint16_t x87_control;
};

enum class Width { kSse, kAvx, kAvx512 };

RegisterFile pattern(std::uint64_t seed) {
  RegisterFile file{};
  std::uint64_t value = seed;
  const auto next = [&value] {
    return value = value * 6364136223846793005ULL + 1442695040888963407ULL;
  };
  for (auto& one : file.general) one = next();
  for (auto& one : file.vector) {
    for (auto& lane : one) lane = next();
  }
  for (auto& one : file.mask) one = next() & 0xffff;
  file.x87 = 1.0 / 3.0;
  file.mxcsr = 0x1f80 | 0x6000;  // round towards zero
  file.x87_control = 0x077f;     // round down, extended precision
  return file;
}

#define EACH_16(op)                                                                              \
  op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) op(14) \
      op(15)
#define EACH_16_TO_31(op)                                                                    \
  op(16) op(17) op(18) op(19) op(20) op(21) op(22) op(23) op(24) op(25) op(26) op(27) op(28) \
      op(29) op(30) op(31)
#define LOAD_XMM(n) "movdqu 64*" #n "(%%rsi), %%xmm" #n "\n"
#define SAVE_XMM(n) "movdqu %%xmm" #n ", 64*" #n "(%%rdi)\n"
#define LOAD_YMM(n) "vmovdqu 64*" #n "(%%rsi), %%ymm" #n "\n"
#define SAVE_YMM(n) "vmovdqu %%ymm" #n ", 64*" #n "(%%rdi)\n"
#define LOAD_ZMM(n) "vmovdqu64 64*" #n "(%%rsi), %%zmm" #n "\n"
#define SAVE_ZMM(n) "vmovdqu64 %%zmm" #n ", 64*" #n "(%%rdi)\n"
#define SPIN "1: pause\n cmpl $0, (%%rdx)\n je 1b\n"
#define CLOBBERS                                                                                  \
  "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
      "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

void spin_vector(Width width, const RegisterFile& in, RegisterFile& out, const int* flag) {
  const void* from = in.vector.data();
  void* to = out.vector.data();
  switch (width) {
    case Width::kSse:
      asm volatile(EACH_16(LOAD_XMM) SPIN EACH_16(SAVE_XMM)
                   :
                   : "S"(from), "D"(to), "d"(flag)
                   : CLOBBERS);
      return;
    case Width::kAvx:
      asm volatile(EACH_16(LOAD_YMM) SPIN EACH_16(SAVE_YMM) "vzeroupper\n"
                   :
                   : "S"(from), "D"(to), "d"(flag)
                   : CLOBBERS);
      return;
    case Width::kAvx512:
      asm volatile(
          EACH_16(LOAD_ZMM) EACH_16_TO_31(
              LOAD_ZMM) "kmovw 2048(%%rsi), %%k1\n kmovw 2056(%%rsi), %%k7\n" SPIN EACH_16(SAVE_ZMM)
              EACH_16_TO_31(
                  SAVE_ZMM) "kmovw %%k1, 2048(%%rdi)\n kmovw %%k7, 2056(%%rdi)\n vzeroupper\n"
          :
          : "S"(from), "D"(to), "d"(flag)
          : CLOBBERS);
      return;
  }
}

void spin_general(const RegisterFile& in, RegisterFile& out, const int* flag) {
  asm volatile(
      "push %%rbx\n"
      "mov 0(%%rsi), %%rbx\n mov 8(%%rsi), %%r8\n mov 16(%%rsi), %%r9\n mov 24(%%rsi), %%r10\n"
      "mov 32(%%rsi), %%r12\n mov 40(%%rsi), %%r13\n mov 48(%%rsi), %%r14\n mov 56(%%rsi), "
      "%%r15\n" SPIN
      "mov %%rbx, 0(%%rdi)\n mov %%r8, 8(%%rdi)\n mov %%r9, 16(%%rdi)\n mov %%r10, 24(%%rdi)\n"
      "mov %%r12, 32(%%rdi)\n mov %%r13, 40(%%rdi)\n mov %%r14, 48(%%rdi)\n mov %%r15, 56(%%rdi)\n"
      "pop %%rbx\n"
      :
      : "S"(in.general.data()), "D"(out.general.data()), "d"(flag)
      : "memory", "cc", "r8", "r9", "r10", "r12", "r13", "r14", "r15");
}

void spin_x87(const RegisterFile& in, RegisterFile& out, const int* flag) {
  asm volatile(
      "fnstcw %[old_control]\n stmxcsr %[old_mxcsr]\n"
      "fldcw %[control]\n ldmxcsr %[mxcsr]\n fldl %[value]\n" SPIN
      "fstpl %[out_value]\n fnstcw %[out_control]\n stmxcsr %[out_mxcsr]\n"
      "fldcw %[old_control]\n ldmxcsr %[old_mxcsr]\n"
      : [out_value] "=m"(out.x87), [out_control] "=m"(out.x87_control), [out_mxcsr] "=m"(out.mxcsr),
        [old_control] "=m"(out.mask[6]), [old_mxcsr] "=m"(out.mask[7])
      : [value] "m"(in.x87), [control] "m"(in.x87_control), [mxcsr] "m"(in.mxcsr), "d"(flag)
      : "memory", "cc");
}

class Registers : public Workload {
 public:
  void set_up() override {
    width_ = __builtin_cpu_supports("avx512f") ? Width::kAvx512
             : __builtin_cpu_supports("avx2")  ? Width::kAvx
                                               : Width::kSse;
    start();
  }

  void verify() override {
    std::atomic_ref(flag_).store(1);
    for (std::thread& thread : threads_) thread.join();
    std::atomic_ref(flag_).store(0);
    compare();
    start();
  }

 private:
  void start() {
    in_ = pattern(++seed_);
    out_ = {};
    threads_[0] = std::thread([this] { spin_general(in_, out_, &flag_); });
    threads_[1] = std::thread([this] { spin_vector(width_, in_, out_, &flag_); });
    threads_[2] = std::thread([this] { spin_x87(in_, other_out_, &flag_); });
  }

  void compare() const {
    expect(in_.general == out_.general, "general registers");
    const std::size_t bytes = width_ == Width::kSse ? 16 : width_ == Width::kAvx ? 32 : 64;
    const std::size_t count = width_ == Width::kAvx512 ? 32 : 16;
    for (std::size_t index = 0; index < count; ++index) {
      expect(std::memcmp(&in_.vector[index], &out_.vector[index], bytes) == 0,
             fmt::format("vector register {} ({} bytes)", index, bytes));
    }
    if (width_ == Width::kAvx512) {
      expect_equal("k1", static_cast<std::int64_t>(in_.mask[0]),
                   static_cast<std::int64_t>(out_.mask[0]));
      expect_equal("k7", static_cast<std::int64_t>(in_.mask[1]),
                   static_cast<std::int64_t>(out_.mask[1]));
    }
    expect(std::memcmp(&in_.x87, &other_out_.x87, sizeof in_.x87) == 0, "x87 stack top");
    expect_equal("x87 control word", in_.x87_control, other_out_.x87_control);
    expect_equal("mxcsr", in_.mxcsr, other_out_.mxcsr & ~0x3fU);
  }

  Width width_ = Width::kSse;
  RegisterFile in_{}, out_{}, other_out_{};
  std::uint64_t seed_ = 1;
  int flag_ = 0;
  std::array<std::thread, 3> threads_;
};

STASIS_WORKLOAD(Registers, "registers");

// The protection keys register, where the processor and the kernel have one.
class ProtectionKeys : public Workload {
 public:
  void set_up() override {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx);
    available_ = (ecx & (1U << 4)) != 0;  // OSPKE
    if (available_) write_pkru(read_pkru() | kValue);
  }
  void verify() override {
    if (available_) expect_equal("pkru bits", kValue, read_pkru() & kValue);
  }

 private:
  static constexpr std::uint32_t kValue = 0xc000'0000;
  static std::uint32_t read_pkru() {
    std::uint32_t value = 0;
    asm volatile("rdpkru" : "=a"(value) : "c"(0) : "rdx");
    return value;
  }
  static void write_pkru(std::uint32_t value) {
    asm volatile("wrpkru" : : "a"(value), "c"(0), "d"(0));
  }
  bool available_ = false;
};

STASIS_WORKLOAD(ProtectionKeys, "protection_keys");

}  // namespace
}  // namespace stasis::workload
