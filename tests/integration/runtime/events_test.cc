// stasis events: its figures beside the files of the cgroup and beside what runc prints, and the
// events that come while it runs.
#include <set>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Events : public BusyboxTest {
 protected:
  void SetUp() override {
    BusyboxTest::SetUp();
    bundle().config["linux"]["cgroupsPath"] = "/box";
    bundle().config["linux"]["resources"]["memory"] = {{"limit", 33554432}, {"swap", 33554432}};
    bundle().config["linux"]["resources"]["pids"] = {{"limit", 40}};
  }
  // "c1" runs SCRIPT, which reads lines from `container`.
  void start(const std::string& script) {
    bundle().set_arguments({"/bin/sh", "-c", script});
    start_container("c1", bundle(), container_);
  }
  json statistics() const {
    const json event = json::parse(expect_success({"events", "--stats", "c1"}).out);
    EXPECT_EQ(event["type"], "stats");
    EXPECT_EQ(event["id"], "c1");
    return event["data"];
  }
  Program watch(const std::string& interval, Pipes& stdio) const {
    const auto ends = stdio.take_other_ends();
    return runtime().start({"events", "--interval", interval, "c1"}, ends);
  }
  static std::uint64_t number_in(const std::string& file) {
    return std::stoull(read_file("/sys/fs/cgroup/" + file));
  }

  Pipes container_;
};

// The paths of all members, with lists as "[]": "/cpu/usage/total", "/cpu/usage/percpu/[]".
void collect_members(const json& value, const std::string& path, std::set<std::string>& into) {
  into.insert(path);
  if (value.is_array() && !value.empty()) collect_members(value[0], path + "/[]", into);
  if (!value.is_object()) return;
  for (const auto& [name, member] : value.items()) {
    collect_members(member, path + "/" + name, into);
  }
}

// Without what depends on the moment (figures of 0 are left out), and what runc 1.1 tells on v2
// alone.
std::set<std::string> members_of(json data) {
  for (const char* part : {"cpu", "memory", "blkio"}) data[part].erase("psi");
  data["blkio"] = data["hugetlb"] = json::object();
  data["memory"].erase("cache");
  for (auto& amount : data["memory"]) {
    amount.erase("usage");
    amount.erase("max");
  }
  std::set<std::string> members;
  collect_members(data, "", members);
  return members;
}

TEST_F(Events, ShowTheFiguresOfTheCgroup) {
  start("read line");
  const json data = statistics();
  EXPECT_EQ(data["memory"]["usage"]["limit"], 33554432);
  EXPECT_EQ(data["memory"]["swap"]["limit"], 33554432);
  EXPECT_EQ(data["memory"]["raw"]["hierarchical_memory_limit"], 33554432);
  EXPECT_LE(data["memory"]["usage"]["usage"], number_in("memory/box/memory.max_usage_in_bytes"));
  EXPECT_EQ(data["pids"], (json{{"current", 1}, {"limit", 40}}));
  EXPECT_GT(data["cpu"]["usage"]["total"], 0);
  EXPECT_LE(data["cpu"]["usage"]["total"], number_in("cpuacct/box/cpuacct.usage"));
  EXPECT_EQ(data["cpuset"]["sched_relax_domain_level"], -1);
  for (const char* part : {"cpu", "memory", "blkio"}) {
    EXPECT_TRUE(data[part]["psi"]["some"]["total"].is_number()) << data[part];
  }
}

TEST_F(Events, HaveTheMembersOfRunc) {
  start("read line");
  const json ours = statistics();
  bundle().config["linux"]["cgroupsPath"] = "/other";
  bundle().save();
  // The container has the standard files of `create`, and would hold pipes open.
  const std::string script =
      "set -e; create() { runc --root $1 create -b $2 theirs; }\n"
      "create $1 $2 < /dev/null > /dev/null 2> $1.err || cat $1.err >&2\n"
      "runc --root $1 events --stats theirs; runc --root $1 delete -f theirs";
  const Finished shown =
      run_program({"sh", "-c", script, "sh", directory() + "/tmp/runc", bundle().directory()});
  ASSERT_EQ(shown.status, 0) << shown.err;
  EXPECT_EQ(members_of(ours), members_of(json::parse(shown.out)["data"]));
}

TEST_F(Events, FollowWhatTheContainerDoes) {
  start(
      "head -c 4000000 /dev/zero > /dev/shm/file; sleep 1000 & sleep 1000 & echo ready; read line");
  ASSERT_EQ(container_.next_line(), "ready");
  json data = statistics();
  EXPECT_EQ(data["pids"]["current"], 3);
  EXPECT_GE(data["memory"]["usage"]["usage"], 4000000);
  EXPECT_GE(data["memory"]["cache"], 4000000);
  expect_success({"exec", "c1", "rm", "/dev/shm/file"});
  expect_success({"exec", "c1", "sh", "-c", "kill $(pidof sleep)"});
  data = statistics();
  EXPECT_LT(data["memory"]["usage"]["usage"], 4000000);
}

TEST_F(Events, ComeAtEveryIntervalUntilTheContainerEnds) {
  start("read line");
  Pipes stdio;
  Program events = watch("20ms", stdio);
  for (int count = 0; count < 3; ++count) {
    const auto line = stdio.next_line();
    ASSERT_TRUE(line);
    EXPECT_EQ(json::parse(*line)["type"], "stats");
  }
  container_.write("end\n");
  stdio.read_to_end();
  EXPECT_EQ(events.wait(), 0);
  EXPECT_EQ(stdio.all_err(), "");
}

TEST_F(Events, TellWhenMemoryRunsOut) {
  start("read line; tail /dev/zero; echo killed; read line");
  Pipes stdio;
  Program events = watch("1ms", stdio);
  ASSERT_TRUE(stdio.next_line()) << "it watches by now";
  container_.write("go\n");
  std::string line;
  do {
    line = stdio.next_line().value_or("");
  } while (line.find("stats") != std::string::npos);
  EXPECT_EQ(json::parse(line), (json{{"type", "oom"}, {"id", "c1"}}));
  EXPECT_EQ(container_.next_line(), "killed");
  EXPECT_EQ(container_status("c1"), "running");
}

TEST_F(Events, TellItOfAContainerThatEndsByIt) {
  start("read line; exec tail /dev/zero");
  Pipes stdio;
  Program events = watch("1ms", stdio);
  ASSERT_TRUE(stdio.next_line());
  container_.write("go\n");
  stdio.read_to_end();
  EXPECT_EQ(events.wait(), 0);
  std::size_t told = 0;
  for (const std::string& line : split_lines(stdio.all_out())) {
    if (line == R"({"type":"oom","id":"c1"})") ++told;
  }
  EXPECT_EQ(told, 1u);
}

TEST_F(Events, SayWhatIsWrong) {
  start("read line");
  const auto expect_refused = [&](const std::vector<std::string>& flags, const std::string& why) {
    std::vector<std::string> words{"events"};
    words.insert(words.end(), flags.begin(), flags.end());
    const Finished refused = runtime().run(words);
    EXPECT_EQ(refused.status, 1);
    EXPECT_EQ(refused.out, "");
    EXPECT_THAT(refused.err, HasSubstr(why));
  };
  expect_refused({"--interval", "0s", "c1"}, "duration interval must be greater than 0");
  expect_refused({"--interval", "-1s", "--stats", "c1"}, "must be greater than 0");
  expect_refused({"--interval", "1x", "c1"}, "--interval: expected a duration, as '5s'");
  expect_refused({"nobody"}, "container 'nobody' does not exist");
  container_.write("end\n");
  while (container_status("c1") != "stopped") {
  }
  expect_refused({"--stats", "c1"}, "container with id c1 is not running");
  expect_refused({"c1"}, "container with id c1 is not running");
}

}  // namespace
}  // namespace stasis::test
