// The vDSO of a task as a place to execute from: it holds a `syscall` instruction, stays mapped and
// executable whatever happens to the rest of the address space, and moves as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/ids.h"
#include "base/result.h"
#include "trace/remote_memory.h"

namespace stasis::trace {

// Byte offset of the first `syscall` instruction in `code`. Any two bytes that read as one will do:
// the whole vDSO is executable.
std::optional<std::uint64_t> find_syscall_instruction(std::span<const std::byte> code);

// Its address in the vDSO that lies in [start, end) of the task behind `memory`. kUnsupported:
// there is none (a vDSO without any system call fallback).
Result<RemoteAddr> find_syscall_instruction(const RemoteMemory& memory, RemoteAddr start,
                                            RemoteAddr end);

}  // namespace stasis::trace
