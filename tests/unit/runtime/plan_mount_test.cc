#include <gtest/gtest.h>

#include "runtime/environment.h"

namespace stasis::runtime {
namespace {

using Kind = PlannedMount::Kind;

oci::Mount mount_of(const std::string& type, const std::string& source,
                    std::vector<std::string> options = {}) {
  return {.destination = "/srv", .type = type, .source = source, .options = std::move(options)};
}

PlannedMount plan(const oci::Mount& mount) {
  auto planned = plan_mount(mount, "/bundle");
  EXPECT_TRUE(planned) << planned.error().message();
  return planned ? *std::move(planned) : PlannedMount();
}

std::string message_of(const oci::Mount& mount) {
  const auto planned = plan_mount(mount, "/bundle");
  return planned ? "no error" : planned.error().message();
}

TEST(PlanMount, TellsTheKindsApart) {
  EXPECT_EQ(plan(mount_of("tmpfs", "tmpfs")).kind, Kind::kFileSystem);
  EXPECT_EQ(plan(mount_of("cgroup", "cgroup")).kind, Kind::kCgroup);
  EXPECT_EQ(plan(mount_of("cgroup2", "cgroup")).kind, Kind::kCgroup);
  EXPECT_EQ(plan(mount_of("bind", "/a")).kind, Kind::kBind);
  EXPECT_EQ(plan(mount_of("tmpfs", "/a", {"bind"})).kind, Kind::kBind);
  EXPECT_EQ(plan(mount_of("", "/a", {"rbind"})).kind, Kind::kBind);
  EXPECT_EQ(plan(mount_of("none", "", {"remount", "bind", "ro"})).kind, Kind::kRemount);
}

TEST(PlanMount, TakesSourcesOfBindsFromTheBundle) {
  EXPECT_EQ(plan(mount_of("bind", "data")).source, "/bundle/data");
  EXPECT_EQ(plan(mount_of("bind", "/data")).source, "/data");
  EXPECT_EQ(plan(mount_of("tmpfs", "name")).source, "name");
}

TEST(PlanMount, BindsTheWholeTreeForTheTypeRbind) {
  EXPECT_EQ(plan(mount_of("rbind", "/a")).options.bind_recursion, sys::Recursion::kWholeTree);
  EXPECT_EQ(plan(mount_of("bind", "/a")).options.bind_recursion, sys::Recursion::kThisMount);
}

TEST(PlanMount, NamesWhatIsMissingOrWrong) {
  EXPECT_EQ(message_of({.destination = "srv", .type = "tmpfs"}),
            "destination 'srv' is not absolute");
  EXPECT_EQ(message_of(mount_of("bind", "")), "a bind mount needs a source");
  EXPECT_EQ(message_of(mount_of("", "x")), "type is missing");
  EXPECT_EQ(message_of(mount_of("none", "x")), "type is missing");
  EXPECT_EQ(message_of(mount_of("proc", "proc", {"tmpcopyup"})),
            "option 'tmpcopyup' is for tmpfs, not for proc");
}

}  // namespace
}  // namespace stasis::runtime
