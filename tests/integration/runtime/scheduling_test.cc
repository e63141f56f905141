// process.scheduler, process.ioPriority and process.execCPUAffinity, by their effect.
#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class Scheduling : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
  }
  nlohmann::json& process() { return bundle_->config["process"]; }
  Finished run(const std::string& script) {
    bundle_->set_arguments({"/bin/sh", "-c", script});
    bundle_->save();
    return runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  std::unique_ptr<Bundle> bundle_;
};

TEST_F(Scheduling, TheSchedulerIsSet) {
  process()["scheduler"] = {{"policy", "SCHED_BATCH"}, {"nice", 5}};
  // proc_pid_stat(5): nice is column 19, policy 41.
  EXPECT_EQ(run("read -r line < /proc/self/stat; set -- $line; echo ${19} ${41}").out, "5 3\n");
}

TEST_F(Scheduling, RealtimePoliciesHaveAPriority) {
  process()["scheduler"] = {{"policy", "SCHED_FIFO"}};
  EXPECT_EQ(run("true").status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("process.scheduler.priority: 0 is for SCHED_FIFO and "
                                         "SCHED_RR, which need one"));
}

TEST_F(Scheduling, UnknownPoliciesAreNamed) {
  process()["scheduler"] = {{"policy", "SCHED_LOTTERY"}};
  EXPECT_EQ(run("true").status, 1);
  EXPECT_THAT(runtime().log(),
              HasSubstr("process.scheduler.policy: unknown value 'SCHED_LOTTERY'"));
}

TEST_F(Scheduling, TheIoPriorityIsSet) {
  process()["ioPriority"] = {{"class", "IOPRIO_CLASS_IDLE"}, {"priority", 0}};
  EXPECT_EQ(run("ionice -p $$").out, "idle\n");
  process()["ioPriority"] = {{"class", "IOPRIO_CLASS_BE"}, {"priority", 6}};
  EXPECT_EQ(run("ionice -p $$").out, "best-effort: prio 6\n");
  process()["ioPriority"] = {{"class", "IOPRIO_CLASS_BE"}, {"priority", 8}};
  EXPECT_EQ(run("true").status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("process.ioPriority.priority: expected 0 to 7, found 8"));
}

TEST_F(Scheduling, TheCpusOfExecAreThoseThatWereAskedFor) {
  bundle_->set_arguments({"/bin/sleep", "1000"});
  Pipes stdio;
  start_container("c1", *bundle_, stdio);
  nlohmann::json process = bundle_->config["process"];
  process["args"] = {"grep", "Cpus_allowed_list", "/proc/self/status"};
  process["execCPUAffinity"] = {{"initial", "0"}, {"final", "1"}};
  const std::string file = directory() + "/process.json";
  write_file(file, process.dump());
  EXPECT_EQ(expect_success({"exec", "--process", file, "c1"}).out, "Cpus_allowed_list:\t1\n");
  process["execCPUAffinity"] = {{"final", "1-x"}};
  write_file(file, process.dump());
  EXPECT_EQ(runtime().run({"exec", "--process", file, "c1"}).status, 255);
  EXPECT_THAT(runtime().log(),
              HasSubstr("process.execCPUAffinity.final: expected CPUs as '0-3,8', found '1-x'"));
}

}  // namespace
}  // namespace stasis::test
