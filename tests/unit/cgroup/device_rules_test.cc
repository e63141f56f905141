#include "cgroup/device_rules.h"

#include <gtest/gtest.h>

namespace stasis::cgroup {
namespace {

constexpr std::optional<std::int64_t> kAny;

std::vector<DeviceWrite> plan(const std::vector<DeviceRule>& rules) {
  auto writes = plan_devices_v1(rules);
  EXPECT_TRUE(writes) << writes.error().message();
  return writes ? *writes : std::vector<DeviceWrite>{};
}

TEST(EffectiveDeviceRules, BeginWithNothingAllowed) {
  const auto rules = effective_device_rules({{true, 'c', 10, 229, "rwm"}});
  ASSERT_EQ(rules.size(), 13U);
  EXPECT_EQ(rules[0], DeviceRule{});
  EXPECT_EQ(rules[1], (DeviceRule{true, 'c', 10, 229, "rwm"}));
  EXPECT_EQ(rules[2], (DeviceRule{true, 'c', kAny, kAny, "m"}));
  EXPECT_EQ(rules.back(), (DeviceRule{true, 'c', 136, kAny, "rwm"}));
}

TEST(EffectiveDeviceRules, ForgetWhatCameBeforeARuleAboutAll) {
  EXPECT_EQ(effective_device_rules({{false}, {true, 'c', 1, 3, "rw"}, {true}}),
            (std::vector<DeviceRule>{{true}}));
}

TEST(PlanDevicesV1, WritesRulesInTheirOrder) {
  EXPECT_EQ(plan({{false}, {true, 'c', 1, 3, "rw"}, {true, 'b', kAny, kAny, "m"}}),
            (std::vector<DeviceWrite>{{"devices.deny", "a"},
                                      {"devices.allow", "c 1:3 rw"},
                                      {"devices.allow", "b *:* m"}}));
}

TEST(PlanDevicesV1, WritesARuleOfBothTypesTwice) {
  EXPECT_EQ(plan({{false}, {true, 'a', 7, kAny, "r"}}),
            (std::vector<DeviceWrite>{
                {"devices.deny", "a"}, {"devices.allow", "b 7:* r"}, {"devices.allow", "c 7:* r"}}));
}

TEST(PlanDevicesV1, RefusesWhatTheKernelWouldPassOver) {
  const auto hole = plan_devices_v1({{false}, {true, 'c', 10, kAny, "rw"}, {false, 'c', 10, 1, "w"}});
  ASSERT_FALSE(hole);
  EXPECT_EQ(hole.error().message(),
            "'c 10:1 w' is an exception to 'c 10:* rw', which cgroup v1 cannot have: name the "
            "devices one by one");
  // Taking back exactly what was given, or other access, is no exception.
  EXPECT_TRUE(plan_devices_v1({{false}, {true, 'c', 10, 1, "rw"}, {false, 'c', 10, 1, "w"}}));
  EXPECT_TRUE(plan_devices_v1({{false}, {true, 'c', 10, kAny, "r"}, {false, 'c', 10, 1, "w"}}));
  EXPECT_FALSE(plan_devices_v1({{true}, {false, 'c', kAny, kAny, "w"}, {true, 'c', 1, 3, "w"}}));
}

}  // namespace
}  // namespace stasis::cgroup
