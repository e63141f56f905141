#include "sys/machine.h"

#include <cpuid.h>
#include <elf.h>
#include <sys/auxv.h>
#include <sys/utsname.h>

namespace stasis::sys {
namespace {

constexpr unsigned kXsaveLeaf = 13;
constexpr unsigned kOsXsaveBit = 1U << 27;

std::uint64_t read_xcr0() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return std::uint64_t{high} << 32 | low;
}

}  // namespace

Machine read_machine() {
  Machine machine;
  struct utsname names {};
  ::uname(&names);
  machine.architecture = names.machine;
  machine.kernel = names.release;
  machine.hostname = names.nodename;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) != 0 && (c & kOsXsaveBit) != 0) {
    machine.xfeatures = read_xcr0();
    if (__get_cpuid_count(kXsaveLeaf, 0, &a, &b, &c, &d) != 0) machine.xstate_bytes = b;
  }
  return machine;
}

std::span<const std::byte> own_vdso() {
  const auto base = ::getauxval(AT_SYSINFO_EHDR);
  if (base == 0) return {};
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(base);
  const std::size_t bytes =
      header->e_shoff + std::size_t{header->e_shnum} * header->e_shentsize;
  return {reinterpret_cast<const std::byte*>(base), bytes};
}

}  // namespace stasis::sys
