#include "trace/vdso.h"

#include <algorithm>
#include <array>
#include <vector>

namespace stasis::trace {
namespace {

constexpr std::array<std::byte, 2> kSyscall{std::byte{0x0f}, std::byte{0x05}};

// Far above any vDSO: two pages of code.
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 20;

}  // namespace

std::optional<std::uint64_t> find_syscall_instruction(std::span<const std::byte> code) {
  const auto found = std::ranges::search(code, kSyscall);
  if (found.empty()) return std::nullopt;
  return static_cast<std::uint64_t>(found.begin() - code.begin());
}

Result<RemoteAddr> find_syscall_instruction(const RemoteMemory& memory, RemoteAddr start,
                                            RemoteAddr end) {
  if (end <= start || end.value - start.value > kMaxBytes) {
    return fail(ErrorKind::kUnsupported, "a vDSO from {:#x} to {:#x} is not believable",
                start.value, end.value);
  }
  std::vector<std::byte> code(end.value - start.value);
  STASIS_TRY(memory.read(start, code));
  const auto offset = find_syscall_instruction(code);
  if (!offset) {
    return fail(ErrorKind::kUnsupported, "the vDSO at {:#x} holds no syscall instruction",
                start.value);
  }
  return start + *offset;
}

}  // namespace stasis::trace
