#include "proc/syscall_state.h"

#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

TEST(ParseSyscall, KnowsTheThreeForms) {
  SyscallState running;
  running.running = true;
  EXPECT_EQ(*parse_syscall("running\n"), running);
  SyscallState outside;
  outside.stack_pointer = RemoteAddr{0x10};
  outside.instruction_pointer = RemoteAddr{0x20};
  EXPECT_EQ(*parse_syscall("-1 0x10 0x20\n"), outside);
  SyscallState inside = outside;
  inside.number = 0;
  inside.arguments = {3, 0xffffffffffffffff, 0xbb8, 4, 5, 6};
  EXPECT_EQ(*parse_syscall("0 0x3 0xffffffffffffffff 0xbb8 0x4 0x5 0x6 0x10 0x20\n"), inside);
}

TEST(ParseSyscall, NamesTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "syscall line 1: number: expected a field, found end of line"},
      {"walking", "syscall line 1: number: expected a decimal number, found 'walking'"},
      {"0 3", "syscall line 1: argument: expected '0x' and a hexadecimal number, found '3'"},
      {"0 0xg", "syscall line 1: argument: expected a hexadecimal number, found 'g'"},
      {"-1 0x1", "syscall line 1: instruction pointer: expected a field, found end of line"},
      {"-1 0x1 0x2 0x3", "syscall line 1: expected end of line, found '0x3'"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(parse_syscall(text)), message);
}

}  // namespace
}  // namespace stasis::proc
