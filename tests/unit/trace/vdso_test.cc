#include "trace/vdso.h"

#include <sys/auxv.h>
#include <unistd.h>
#include <array>

#include <gtest/gtest.h>

namespace stasis::trace {
namespace {

template <std::size_t N>
std::array<std::byte, N> bytes(const std::array<int, N>& values) {
  std::array<std::byte, N> result{};
  for (std::size_t i = 0; i < N; ++i) result[i] = static_cast<std::byte>(values[i]);
  return result;
}

TEST(FindSyscallInstruction, GivesTheOffsetOfTheFirst) {
  EXPECT_EQ(find_syscall_instruction(bytes<6>({0x90, 0x0f, 0x05, 0xc3, 0x0f, 0x05})), 1u);
}

TEST(FindSyscallInstruction, SeesOneAtTheVeryEnd) {
  EXPECT_EQ(find_syscall_instruction(bytes<3>({0x0f, 0x0f, 0x05})), 1u);
}

TEST(FindSyscallInstruction, FindsNothingInOtherCode) {
  EXPECT_EQ(find_syscall_instruction(bytes<4>({0x0f, 0x0b, 0x05, 0x0f})), std::nullopt);
  EXPECT_EQ(find_syscall_instruction(std::span<const std::byte>{}), std::nullopt);
}

TEST(FindSyscallInstruction, FindsOneInTheRunningKernelsVdso) {
  const auto memory = RemoteMemory::open(HostPid{::getpid()});
  ASSERT_TRUE(memory.has_value()) << memory.error().message();
  const RemoteAddr start{::getauxval(AT_SYSINFO_EHDR)};
  const auto found = find_syscall_instruction(*memory, start, start + 0x1000);
  ASSERT_TRUE(found.has_value()) << found.error().message();
  const auto* at = reinterpret_cast<const unsigned char*>(found->value);
  EXPECT_EQ(at[0], 0x0f);
  EXPECT_EQ(at[1], 0x05);
}

TEST(FindSyscallInstruction, RefusesAnUnbelievableRange) {
  const auto memory = RemoteMemory::open(HostPid{::getpid()});
  ASSERT_TRUE(memory.has_value()) << memory.error().message();
  const auto found = find_syscall_instruction(*memory, RemoteAddr{0x2000}, RemoteAddr{0x1000});
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().message(), "a vDSO from 0x2000 to 0x1000 is not believable");
}

}  // namespace
}  // namespace stasis::trace
