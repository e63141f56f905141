#include "resctrl/group.h"

#include "unit/resctrl/resctrl_tree.h"

namespace stasis::resctrl {
namespace {

using testing::HasSubstr;

class Group : public ResctrlTree {
 protected:
  oci::ResctrlGroup planned(const oci::IntelRdt& wanted) const {
    const auto group = plan_group(root_, "c1", wanted);
    EXPECT_TRUE(group) << group.error().message();
    return group.value_or(oci::ResctrlGroup{});
  }
  std::string refusal(const oci::IntelRdt& wanted) const {
    const auto group = plan_group(root_, "c1", wanted);
    return group ? "accepted" : group.error().message();
  }
};

TEST_F(Group, IsNamedAfterTheContainer) {
  const auto group = planned({.l3_cache_schema = "L3:0=f"});
  EXPECT_EQ(group, (oci::ResctrlGroup{.directory = root_ + "/c1", .made = true}));
}

TEST_F(Group, OfAnotherNameMayBeThereAlready) {
  const auto group = planned({.clos_id = "gold"});
  EXPECT_EQ(group, (oci::ResctrlGroup{.directory = root_ + "/gold", .shared = true}));
  EXPECT_EQ(planned({.clos_id = "gold", .mem_bw_schema = "MB:0=20"}), group);
  EXPECT_THAT(refusal({.clos_id = "gold", .l3_cache_schema = "L3:0=fff"}),
              HasSubstr("/gold' exists and has other values than 'L3:0=fff'"));
}

TEST_F(Group, OfAnotherNameIsMadeOnlyWithValues) {
  EXPECT_THAT(refusal({.clos_id = "tin"}), HasSubstr("/tin' does not exist: make it"));
  EXPECT_EQ(planned({.clos_id = "tin", .schemata = {"L3:0=1"}}),
            (oci::ResctrlGroup{.directory = root_ + "/tin", .made = true, .shared = true}));
}

TEST_F(Group, OfTheContainersNameMustBeFree) {
  std::filesystem::create_directory(root_ + "/c1");
  EXPECT_THAT(refusal({}), HasSubstr("/c1' exists already"));
}

TEST_F(Group, HasANameOfOneDirectory) {
  for (const std::string name : {".", "..", "a/b", "info", "mon_groups", "mon_data", "a\nb"}) {
    EXPECT_THAT(refusal({.clos_id = name, .l3_cache_schema = "L3:0=1"}),
                HasSubstr("is no name of a class"))
        << name;
  }
}

TEST_F(Group, NeedsTheFileSystem) {
  std::filesystem::remove_all(root_ + "/info");
  EXPECT_THAT(refusal({}), HasSubstr("no resctrl file system is mounted at '" + root_ + "'"));
}

TEST_F(Group, MeasuresWhatTheMachineCan) {
  EXPECT_EQ(planned({.clos_id = "gold", .enable_cmt = true}).monitor,
            root_ + "/gold/mon_groups/c1");
  EXPECT_EQ(planned({.enable_monitoring = true}).monitor, root_ + "/c1/mon_groups/c1");
  write("info/L3_MON/mon_features", "mbm_total_bytes\n");
  EXPECT_THAT(refusal({.enable_cmt = true}), HasSubstr("linux.intelRdt.enableCMT"));
  EXPECT_NE(planned({.enable_mbm = true}).monitor, "");
  std::filesystem::remove_all(root_ + "/info/L3_MON");
  EXPECT_THAT(refusal({.enable_mbm = true}), HasSubstr("linux.intelRdt.enableMBM"));
  EXPECT_THAT(refusal({.enable_monitoring = true}), HasSubstr("enableMonitoring"));
}

TEST_F(Group, ThatIsThereIsNotWrittenTo) {
  const oci::IntelRdt wanted{.clos_id = "gold", .mem_bw_schema = "MB:0=20", .enable_cmt = true};
  const auto group = planned(wanted);
  const std::string before = read("gold/schemata");
  ASSERT_TRUE(make_group(root_, group, wanted));
  EXPECT_EQ(read("gold/schemata"), before);
  EXPECT_TRUE(exists("gold/mon_groups/c1"));
  ASSERT_TRUE(remove_group(group));
  EXPECT_FALSE(exists("gold/mon_groups/c1"));
  EXPECT_TRUE(exists("gold"));
}

TEST_F(Group, ThatCannotBeMadeIsGone) {
  // Only the kernel's mkdir makes the file of the values.
  const oci::IntelRdt wanted{.l3_cache_schema = "L3:0=f"};
  write("info/last_cmd_status", "Mask f is not contiguous\n");
  const auto made = make_group(root_, planned(wanted), wanted);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message(), HasSubstr("linux.intelRdt: "));
  EXPECT_THAT(made.error().message(), HasSubstr("the kernel says 'Mask f is not contiguous'"));
  EXPECT_THAT(made.error().message(), HasSubstr("/c1/schemata"));
  EXPECT_FALSE(exists("c1"));
}

TEST_F(Group, TakesValuesAndProcesses) {
  const oci::ResctrlGroup group{
      .directory = root_ + "/gold", .shared = true, .monitor = root_ + "/gold/mon_groups/c1"};
  write("gold/schemata", "");
  write("gold/mon_groups/c1/tasks", "");
  ASSERT_TRUE(write_values(root_, group, {.l3_cache_schema = "L3:0=f", .mem_bw_schema = "MB:0=5"}));
  EXPECT_EQ(read("gold/schemata"), "L3:0=f\nMB:0=5\n");
  ASSERT_TRUE(add_process(group, HostPid{1234}));
  EXPECT_EQ(read("gold/tasks"), "1234");
  EXPECT_EQ(read("gold/mon_groups/c1/tasks"), "1234");
}

TEST_F(Group, OfAnotherNameStaysWhileOthersAreInIt) {
  std::filesystem::create_directory(root_ + "/tin");
  const oci::ResctrlGroup group{.directory = root_ + "/tin", .made = true, .shared = true};
  write("tin/tasks", "77\n");
  ASSERT_TRUE(remove_group(group));
  EXPECT_TRUE(exists("tin/tasks"));
  std::filesystem::remove(root_ + "/tin/tasks");
  ASSERT_TRUE(remove_group(group));
  EXPECT_FALSE(exists("tin"));
  EXPECT_TRUE(remove_group(group));
}

}  // namespace
}  // namespace stasis::resctrl
