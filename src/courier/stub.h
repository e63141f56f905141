// The courier's machine code: a position-independent loop over an array of system calls.
//
//   entry (72 bytes):  number | args[6] | result | flags          (8 bytes each)
//
//   for each entry: run it, store the result; stop early at a failed entry with kMustSucceed.
//   then: tgkill(pid, tid, signal) to itself, at which the tracer takes over.
//
// Registers: see Registers::prepare_stub. No stack is used.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace stasis::courier {

struct StubEntry {
  std::uint64_t number = 0;
  std::array<std::uint64_t, 6> arguments{};
  std::int64_t result = 0;
  std::uint64_t flags = 0;
};
static_assert(sizeof(StubEntry) == 72);
static_assert(offsetof(StubEntry, result) == 56);
static_assert(offsetof(StubEntry, flags) == 64);

inline constexpr std::uint64_t kMustSucceed = 1;

std::span<const std::byte> stub_code();

}  // namespace stasis::courier
