// Decides how the process tree of an image is made again: who forks whom and when, so that parents,
// sessions and process groups come out as they were. Pure: touches nothing, printable, testable
// without root.
//
// The kernel gives a process its session only by inheritance at fork or by setsid(2), and its
// parent only by fork or by the death of the parent. So a process that was adopted by pid 1 with
// the session of another branch, or of a leader that is gone, is forked by a helper process that
// stands in for what is missing, and that exits as soon as it has done so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/container.h"

namespace stasis::restore {

// A task of the plan: a process of the image, or a helper.
struct PlannedTask {
  NsPid pid;
  std::optional<std::size_t> process;  // index into Container::processes; none for helpers
  bool operator==(const PlannedTask&) const = default;
};

using TaskIndex = std::size_t;  // into Plan::tasks

// The container's pid 1, which the runtime has made already.
struct AdoptInit {
  TaskIndex task = 0;
};
// A process that entered the namespaces from outside (`exec`): made by the controller, in the
// controller's session, which is none of the container's.
struct Join {
  TaskIndex task = 0;
};
// Its own address space, before it forks: children inherit pages that were shared copy-on-write.
struct FillMemory {
  TaskIndex task = 0;
};
struct Fork {
  TaskIndex parent = 0;
  TaskIndex child = 0;
};
// Like Fork, but the child's parent is that of `from`: the controller (CLONE_PARENT).
struct ForkSibling {
  TaskIndex from = 0;
  TaskIndex child = 0;
};
struct StartSession {
  TaskIndex task = 0;
};
// Adopts orphans that exiting helpers leave.
struct BecomeSubreaper {
  TaskIndex task = 0;
};
// setpgid(2) by the task itself.
struct JoinGroup {
  TaskIndex task = 0;
  NsPid group;
};
// A helper ends; `reaper` waits for it. Without one it is a child of the controller.
struct ExitHelper {
  TaskIndex helper = 0;
  std::optional<TaskIndex> reaper;
};
// Ends with the saved status and stays unreaped.
struct BecomeZombie {
  TaskIndex task = 0;
};

using PlanStep = std::variant<AdoptInit, Join, FillMemory, Fork, ForkSibling, StartSession,
                              BecomeSubreaper, JoinGroup, ExitHelper, BecomeZombie>;

struct Plan {
  std::vector<PlannedTask> tasks;
  std::vector<PlanStep> steps;
};

// kUnsupported: a shape that no order of forks can make (names the process).
// kCorruptImage: the numbers contradict each other.
Result<Plan> plan_restore(const model::Container& container);

// One step a line: "fork pid 7 from pid 1".
std::string describe(const Plan& plan);

}  // namespace stasis::restore
