// The device program, run by an interpreter of the few instructions that it is made of.
#include "cgroup/device_program.h"

#include <array>
#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>

namespace stasis::cgroup {
namespace {

struct Wanted {
  char type = 'c';
  std::uint32_t major = 0, minor = 0;
  std::string_view access;
};

std::array<std::uint32_t, 3> encode(const Wanted& wanted) {
  std::uint32_t access = 0;
  for (const char letter : wanted.access) {
    access |= letter == 'm' ? 1U : letter == 'r' ? 2U : 4U;
  }
  return {access << 16 | (wanted.type == 'b' ? 1U : 2U), wanted.major, wanted.minor};
}

// What the kernel would do; gives register 0, or -1 for a program that leaves its own bounds.
std::int64_t interpret(const std::vector<sys::BpfInstruction>& program, const Wanted& wanted) {
  const auto request = encode(wanted);
  std::array<std::uint64_t, 11> value{};
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sys::BpfInstruction& one = program[at];
    std::uint64_t& to = value.at(one.registers & 15U);
    const auto constant = static_cast<std::uint64_t>(std::int64_t{one.immediate});
    switch (one.code) {
      case sys::kBpfLoadWord:
        to = request.at(static_cast<std::size_t>(one.offset) / 4);
        break;
      case sys::kBpfMove:
        to = value.at(one.registers >> 4U);
        break;
      case sys::kBpfMoveConstant:
        to = constant;
        break;
      case sys::kBpfAndConstant:
        to &= constant;
        break;
      case sys::kBpfShiftRight:
        to >>= constant;
        break;
      case sys::kBpfJumpIfEqual:
        if (to == constant) at += static_cast<std::size_t>(one.offset);
        break;
      case sys::kBpfJumpUnless:
        if (to != constant) at += static_cast<std::size_t>(one.offset);
        break;
      case sys::kBpfExit:
        return static_cast<std::int64_t>(value[0]);
      default:
        return -1;
    }
  }
  return -1;
}

bool allows(const std::vector<DeviceRule>& rules, const Wanted& wanted) {
  const std::int64_t answer =
      interpret(build_device_program(effective_device_rules(rules)), wanted);
  EXPECT_TRUE(answer == 0 || answer == 1) << answer;
  return answer == 1;
}

constexpr std::optional<std::int64_t> kAny;

TEST(DeviceProgram, ForbidsAllButTheDefaultsWithoutRules) {
  EXPECT_TRUE(allows({}, {'c', 1, 3, "rw"}));
  EXPECT_TRUE(allows({}, {'c', 136, 7, "rw"}));
  EXPECT_TRUE(allows({}, {'b', 8, 0, "m"}));
  EXPECT_FALSE(allows({}, {'b', 8, 0, "r"}));
  EXPECT_FALSE(allows({}, {'c', 10, 229, "r"}));
  EXPECT_FALSE(allows({}, {'c', 10, 229, "rm"}));
  EXPECT_FALSE(allows({}, {'b', 1, 3, "r"}));
}

TEST(DeviceProgram, AllowsAllWhenToldTo) {
  const std::vector<DeviceRule> rules{{false}, {true}};
  EXPECT_TRUE(allows(rules, {'b', 8, 0, "rwm"}));
  EXPECT_EQ(build_device_program(effective_device_rules(rules)).size(), 8U);
}

TEST(DeviceProgram, LetsTheLastRuleThatFitsDecide) {
  const std::vector<DeviceRule> rules{{true}, {false, 'b', 8, kAny, "rwm"}, {true, 'b', 8, 1, "r"}};
  EXPECT_TRUE(allows(rules, {'b', 8, 1, "r"}));
  EXPECT_FALSE(allows(rules, {'b', 8, 1, "w"}));
  EXPECT_FALSE(allows(rules, {'b', 8, 2, "r"}));
  EXPECT_TRUE(allows(rules, {'b', 9, 1, "rw"}));
  EXPECT_TRUE(allows(rules, {'c', 8, 1, "rw"}));
}

TEST(DeviceProgram, TakesEachKindOfAccessByItself) {
  const std::vector<DeviceRule> rules{{true, 'c', 10, 1, "r"}, {true, 'c', kAny, 1, "w"}};
  EXPECT_TRUE(allows(rules, {'c', 10, 1, "r"}));
  EXPECT_TRUE(allows(rules, {'c', 10, 1, "rw"}));
  EXPECT_TRUE(allows(rules, {'c', 10, 1, "rwm"}));  // every container may make nodes
  EXPECT_FALSE(allows(rules, {'c', 11, 1, "rw"}));
  EXPECT_TRUE(allows(rules, {'c', 11, 1, "w"}));
}

TEST(DeviceProgram, ForbidsWhenOneKindOfAccessIsForbidden) {
  const std::vector<DeviceRule> rules{{true}, {false, 'c', 10, 1, "w"}};
  EXPECT_TRUE(allows(rules, {'c', 10, 1, "r"}));
  EXPECT_FALSE(allows(rules, {'c', 10, 1, "w"}));
  EXPECT_FALSE(allows(rules, {'c', 10, 1, "rw"}));
}

TEST(DeviceProgram, MeansBothKindsOfDevicesByTypeA) {
  const std::vector<DeviceRule> rules{{true, 'a', 7, kAny, "r"}};
  EXPECT_TRUE(allows(rules, {'b', 7, 3, "r"}));
  EXPECT_TRUE(allows(rules, {'c', 7, 3, "r"}));
  EXPECT_FALSE(allows(rules, {'c', 7, 3, "w"}));
  EXPECT_FALSE(allows(rules, {'c', 8, 3, "r"}));
}

TEST(DeviceProgram, TakesNoLargeNumberForASmallerOne) {
  const std::vector<DeviceRule> rules{{true, 'c', (std::int64_t{1} << 32) + 10, 1, "r"}};
  EXPECT_FALSE(allows(rules, {'c', 10, 1, "r"}));
}

}  // namespace
}  // namespace stasis::cgroup
