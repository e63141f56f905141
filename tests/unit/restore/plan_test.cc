#include "restore/plan.h"

#include <gtest/gtest.h>

namespace stasis::restore {
namespace {

struct Row {
  int pid, ppid, pgid, sid;
  bool zombie = false;
};

model::Container tree(const std::vector<Row>& rows) {
  model::Container container;
  for (const Row& row : rows) {
    model::Process process;
    process.pid = NsPid{row.pid};
    process.ppid = NsPid{row.ppid};
    process.pgid = NsPid{row.pgid};
    process.sid = NsPid{row.sid};
    if (row.zombie) process.exit_status = 0;
    container.processes.push_back(process);
  }
  return container;
}

std::string plan_of(const std::vector<Row>& rows) {
  const auto plan = plan_restore(tree(rows));
  return plan ? describe(*plan) : "error: " + plan.error().message();
}

TEST(PlanRestore, OneProcess) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n");
}

TEST(PlanRestore, PipelineInAShell) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {5, 1, 5, 1}, {6, 1, 5, 1}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "fork pid 5 from pid 1\nfill the memory of pid 5\n"
            "fork pid 6 from pid 1\nfill the memory of pid 6\n"
            "pid 5 joins process group 5\npid 6 joins process group 5\n");
}

TEST(PlanRestore, ChildThatKeepsTheSessionItsParentLeft) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {4, 1, 4, 4}, {5, 4, 1, 1}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "fork pid 4 from pid 1\nfill the memory of pid 4\n"
            "fork pid 5 from pid 4\nfill the memory of pid 5\n"
            "pid 4 starts a session\n"
            "pid 5 joins process group 1\n");
}

TEST(PlanRestore, DaemonWhoseSessionLeaderIsGone) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {8, 1, 7, 7}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "fork helper 7 from pid 1\nhelper 7 starts a session\n"
            "fork pid 8 from helper 7\nfill the memory of pid 8\n"
            "pid 8 joins process group 7\n"
            "helper 7 exits, pid 1 reaps it\n");
}

TEST(PlanRestore, OrphanInTheSessionOfALivingLeader) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {3, 1, 3, 3}, {9, 1, 3, 3}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "fork pid 3 from pid 1\nfill the memory of pid 3\npid 3 starts a session\n"
            "fork helper 10 from pid 3\nfork pid 9 from helper 10\nfill the memory of pid 9\n"
            "pid 9 joins process group 3\n"
            "helper 10 exits, pid 3 reaps it\n");
}

TEST(PlanRestore, GroupWhoseLeaderIsGone) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {6, 1, 5, 1}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "fork pid 6 from pid 1\nfill the memory of pid 6\n"
            "fork helper 5 from pid 6\nhelper 5 joins process group 5\n"
            "pid 6 joins process group 5\n"
            "helper 5 exits, pid 6 reaps it\n");
}

TEST(PlanRestore, ZombieHasNoMemory) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {2, 1, 1, 1, true}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "fork pid 2 from pid 1\npid 2 joins process group 1\npid 2 becomes a zombie\n");
}

TEST(PlanRestore, ProcessThatExecBroughtIn) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {20, 0, 20, 20}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "pid 20 enters the namespaces from outside\nfill the memory of pid 20\n"
            "pid 20 starts a session\n");
}

TEST(PlanRestore, ProcessInASessionOutside) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {20, 0, 0, 0}, {21, 20, 21, 0}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "pid 20 enters the namespaces from outside\nfill the memory of pid 20\n"
            "fork pid 21 from pid 20\nfill the memory of pid 21\n"
            "pid 21 joins process group 21\n");
}

TEST(PlanRestore, ChildFromBeforeItsParentLeftTheSessionOutside) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {20, 0, 20, 20}, {21, 20, 0, 0}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "pid 20 enters the namespaces from outside\nfill the memory of pid 20\n"
            "fork pid 21 from pid 20\nfill the memory of pid 21\n"
            "pid 20 starts a session\n");
}

TEST(PlanRestore, OrphanInASessionOutside) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {21, 1, 0, 0}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "helper 22 enters the namespaces from outside\n"
            "fork pid 21 from helper 22\nfill the memory of pid 21\n"
            "helper 22 exits, the controller reaps it\n");
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {5, 1, 1, 1}, {21, 5, 0, 0}}),
            "error: pid 21 is in a session outside of the container, and its parent 5 never was");
}

TEST(PlanRestore, SiblingInTheSessionOfAnother) {
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {20, 0, 20, 20}, {21, 0, 20, 20}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "pid 20 enters the namespaces from outside\nfill the memory of pid 20\n"
            "pid 20 starts a session\n"
            "fork pid 21 beside pid 20\nfill the memory of pid 21\n"
            "pid 21 joins process group 20\n");
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {21, 0, 21, 19}}),
            "take over pid 1\nfill the memory of pid 1\npid 1 starts a session\n"
            "helper 19 enters the namespaces from outside\nhelper 19 starts a session\n"
            "fork pid 21 beside helper 19\nfill the memory of pid 21\n"
            "pid 21 joins process group 21\n"
            "helper 19 exits, the controller reaps it\n");
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {21, 0, 1, 1}}),
            "error: pid 21 has its parent outside of the container, and the leader of its session, "
            "pid 1, has not");
}

TEST(PlanRestore, RefusesContradictions) {
  EXPECT_EQ(plan_of({}), "error: the first process is not the container's init");
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {1, 1, 1, 1}}), "error: pid 1 stands twice in the image");
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {2, 9, 1, 1}}),
            "error: the parent of pid 2, pid 9, is not in the image");
  EXPECT_EQ(plan_of({{1, 0, 1, 1}, {2, 3, 1, 1}, {3, 2, 1, 1}}),
            "error: the parents of some processes form a cycle");
}

}  // namespace
}  // namespace stasis::restore
