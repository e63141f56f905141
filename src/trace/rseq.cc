#include "trace/rseq.h"

#include <cstring>

namespace stasis::trace {
namespace {

constexpr std::uint64_t kPointerOffset = 8;  // struct rseq: rseq_cs

struct CriticalSection {  // struct rseq_cs of linux/rseq.h
  std::uint32_t version = 0;
  std::uint32_t flags = 0;
  std::uint64_t start_ip = 0;
  std::uint64_t post_commit_offset = 0;
  std::uint64_t abort_ip = 0;
};
static_assert(sizeof(CriticalSection) == 32);

}  // namespace

Result<Registers> leave_critical_section(const Registers& registers,
                                         const sys::ptrace::RseqConfiguration& rseq,
                                         const RemoteMemory& memory) {
  std::uint64_t pointer = 0;
  STASIS_TRY(memory.read(RemoteAddr{rseq.address + kPointerOffset},
                         std::as_writable_bytes(std::span(&pointer, 1))));
  if (pointer == 0) return registers;
  CriticalSection section;
  STASIS_TRY(memory.read(RemoteAddr{pointer}, std::as_writable_bytes(std::span(&section, 1))));
  Registers after = registers;
  if (registers.instruction().value - section.start_ip < section.post_commit_offset) {
    after.set_instruction(RemoteAddr{section.abort_ip});
  }
  return after;
}

}  // namespace stasis::trace
