// What this machine is: uname(2), the CPU's extended state (XGETBV, CPUID leaf 13), and the vDSO that
// the kernel maps into every process (vdso(7), getauxval(3)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace stasis::sys {

struct Machine {
  std::string architecture;  // "x86_64"
  std::string kernel;        // "6.18.0"
  std::string hostname;
  std::uint64_t xfeatures = 0;     // XCR0: state components that are enabled
  std::uint64_t xstate_bytes = 0;  // size of their standard-format save area
};

Machine read_machine();

// The vDSO image of this process, up to the end of its section table; empty when there is none.
std::span<const std::byte> own_vdso();

}  // namespace stasis::sys
