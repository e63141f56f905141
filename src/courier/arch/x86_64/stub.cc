#include "courier/stub.h"

namespace stasis::courier {
namespace {

// clang-format off
constexpr std::array<std::uint8_t, 85> kCode = {
    // loop:
    0x4d, 0x39, 0xec,                    // cmp  r12, r13
    0x73, 0x3f,                          // jae  done
    0x49, 0x8b, 0x04, 0x24,              // mov  rax, [r12]          number
    0x49, 0x8b, 0x7c, 0x24, 0x08,        // mov  rdi, [r12+8]        arguments
    0x49, 0x8b, 0x74, 0x24, 0x10,        // mov  rsi, [r12+16]
    0x49, 0x8b, 0x54, 0x24, 0x18,        // mov  rdx, [r12+24]
    0x4d, 0x8b, 0x54, 0x24, 0x20,        // mov  r10, [r12+32]
    0x4d, 0x8b, 0x44, 0x24, 0x28,        // mov  r8, [r12+40]
    0x4d, 0x8b, 0x4c, 0x24, 0x30,        // mov  r9, [r12+48]
    0x0f, 0x05,                          // syscall
    0x49, 0x89, 0x44, 0x24, 0x38,        // mov  [r12+56], rax       result
    0x41, 0xf6, 0x44, 0x24, 0x40, 0x01,  // test byte [r12+64], 1    kMustSucceed
    0x74, 0x08,                          // jz   next
    0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff,  // cmp  rax, -4095
    0x73, 0x06,                          // jae  done
    // next:
    0x49, 0x83, 0xc4, 0x48,              // add  r12, 72
    0xeb, 0xbc,                          // jmp  loop
    // done:
    0xb8, 0xea, 0x00, 0x00, 0x00,        // mov  eax, SYS_tgkill
    0x4c, 0x89, 0xf7,                    // mov  rdi, r14            pid
    0x4c, 0x89, 0xfe,                    // mov  rsi, r15            tid
    0x89, 0xda,                          // mov  edx, ebx            signal
    0x0f, 0x05,                          // syscall
    0x0f, 0x0b,                          // ud2: the tracer never lets it get here
};
// clang-format on

}  // namespace

std::span<const std::byte> stub_code() { return std::as_bytes(std::span(kCode)); }

}  // namespace stasis::courier
