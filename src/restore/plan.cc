#include "restore/plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace stasis::restore {
namespace {

using model::Process;

class Planner {
 public:
  explicit Planner(const model::Container& container) : processes_(container.processes) {}

  Result<Plan> run() {
    STASIS_TRY(index());
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      if (is_root(i) && has_own_session(i)) STASIS_TRY(add_root(i));
    }
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      if (is_root(i) && !has_own_session(i)) STASIS_TRY(add_sibling(i));
    }
    STASIS_TRY(add_orphans());
    if (task_of_.size() != processes_.size()) {
      return fail(ErrorKind::kCorruptImage, "the parents of some processes form a cycle");
    }
    STASIS_TRY(add_groups());
    exit_helpers();
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      if (processes_[i].exit_status) plan_.steps.push_back(BecomeZombie{task_of_.at(i)});
    }
    return std::move(plan_);
  }

 private:
  const Process& process(std::size_t i) const { return processes_[i]; }
  bool leads_session(std::size_t i) const { return process(i).sid == process(i).pid; }
  bool is_root(std::size_t i) const { return process(i).ppid.value == 0; }
  // Among roots: init, and those that start a session or stay in one outside of the container.
  bool has_own_session(std::size_t i) const {
    return i == 0 || leads_session(i) || process(i).sid.value == 0;
  }
  // The kernel gives the orphans of a pid namespace to its pid 1.
  bool is_namespace_init(std::size_t i) const { return i == 0 && process(i).pid.value == 1; }

  Result<void> index() {
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      const NsPid pid = process(i).pid;
      if (!by_pid_.emplace(pid, i).second) {
        return fail(ErrorKind::kCorruptImage, "pid {} stands twice in the image", pid.value);
      }
      highest_ = std::max(highest_, pid.value);
      for (const auto& thread : process(i).threads) highest_ = std::max(highest_, thread.tid.value);
      highest_ = std::max({highest_, process(i).sid.value, process(i).pgid.value});
    }
    if (processes_.empty() || process(0).ppid.value != 0) {
      return fail(ErrorKind::kCorruptImage, "the first process is not the container's init");
    }
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      const NsPid parent = process(i).ppid;
      if (parent.value == 0) continue;
      const auto found = by_pid_.find(parent);
      if (found == by_pid_.end()) {
        return fail(ErrorKind::kCorruptImage, "the parent of pid {}, pid {}, is not in the image",
                    process(i).pid.value, parent.value);
      }
      children_[found->second].push_back(i);
    }
    return {};
  }

  TaskIndex add_task(NsPid pid, std::optional<std::size_t> process_index) {
    plan_.tasks.push_back({pid, process_index});
    const TaskIndex task = plan_.tasks.size() - 1;
    if (process_index) task_of_[*process_index] = task;
    return task;
  }

  Result<void> add_root(std::size_t i) {
    const TaskIndex task = add_task(process(i).pid, i);
    if (i == 0) {
      plan_.steps.push_back(AdoptInit{task});
      return grow(i, process(i).sid);  // it leads its session before it is taken over
    }
    plan_.steps.push_back(Join{task});
    return grow(i, NsPid{0});
  }

  // A root in a session that another process has started.
  Result<void> add_sibling(std::size_t i) {
    const NsPid session = process(i).sid;
    const auto leader = by_pid_.find(session);
    TaskIndex from = 0;
    if (leader == by_pid_.end()) {
      from = joined_leader(session);
    } else if (is_root(leader->second) && !is_namespace_init(leader->second)) {
      from = task_of_.at(leader->second);
    } else {
      return fail(ErrorKind::kUnsupported,
                  "pid {} has its parent outside of the container, and the leader of its session, "
                  "pid {}, has not",
                  process(i).pid.value, session.value);
    }
    const TaskIndex task = add_task(process(i).pid, i);
    plan_.steps.push_back(ForkSibling{from, task});
    return grow(i, session);
  }

  // A helper from outside that leads a session whose leader is gone.
  TaskIndex joined_leader(NsPid session) {
    if (const auto known = helpers_.find(session); known != helpers_.end()) {
      return known->second.task;
    }
    const TaskIndex helper = add_task(session, std::nullopt);
    plan_.steps.push_back(Join{helper});
    plan_.steps.push_back(StartSession{helper});
    helpers_[session] = {helper, std::nullopt};
    return helper;
  }

  // The session that `i` must be born into, when its parent had `parent_birth` at its own birth;
  // nothing when its parent never was in it.
  std::optional<NsPid> birth_session(std::size_t i, std::size_t parent, NsPid parent_birth) const {
    const NsPid late = process(parent).sid;
    if (!leads_session(i)) {
      const NsPid wanted = process(i).sid;
      if (wanted == late) return late;
      if (leads_session(parent) && wanted == parent_birth) return parent_birth;
      return std::nullopt;
    }
    // A leader leaves the session it was born into; only its children can tell which that was.
    for (const std::size_t child : children_of(i)) {
      const NsPid wanted = process(child).sid;
      if (leads_session(child) || wanted == process(i).sid) continue;
      if (wanted != late && leads_session(parent) && wanted == parent_birth) return parent_birth;
    }
    return late;
  }

  const std::vector<std::size_t>& children_of(std::size_t i) const {
    static const std::vector<std::size_t> kNone;
    const auto found = children_.find(i);
    return found == children_.end() ? kNone : found->second;
  }

  // Memory, early children, own session, late children.
  Result<void> grow(std::size_t i, NsPid birth) {
    const TaskIndex task = task_of_.at(i);
    if (!process(i).exit_status) plan_.steps.push_back(FillMemory{task});
    std::vector<std::size_t> late;
    for (const std::size_t child : children_of(i)) {
      const auto session = birth_session(child, i, birth);
      if (!session) {
        orphans_.push_back({child, i});
      } else if (leads_session(i) && *session != process(i).sid) {
        STASIS_TRY(fork(i, child, birth));
      } else {
        late.push_back(child);
      }
    }
    if (leads_session(i)) plan_.steps.push_back(StartSession{task});
    for (const std::size_t child : late) STASIS_TRY(fork(i, child, process(i).sid));
    return {};
  }

  Result<void> fork(std::size_t parent, std::size_t child, NsPid birth) {
    const TaskIndex task = add_task(process(child).pid, child);
    plan_.steps.push_back(Fork{task_of_.at(parent), task});
    return grow(child, birth);
  }

  // Processes whose session their present parent never was in: their first parent is gone.
  Result<void> add_orphans() {
    while (!orphans_.empty()) {
      const auto [child, parent] = orphans_.back();
      orphans_.pop_back();
      STASIS_ASSIGN(const TaskIndex stand_in, stand_in_for(child, parent));
      const TaskIndex task = add_task(process(child).pid, child);
      plan_.steps.push_back(Fork{stand_in, task});
      STASIS_TRY(grow(child, process(child).sid));
    }
    return {};
  }

  // A helper in the session of `child`, whose orphans `parent` adopts.
  Result<TaskIndex> stand_in_for(std::size_t child, std::size_t parent) {
    const NsPid session = process(child).sid;
    if (session.value == 0) return stand_in_from_outside(child, parent);
    const auto leader = by_pid_.find(session);
    TaskIndex from = task_of_.at(parent);
    if (leader != by_pid_.end()) {
      if (!is_descendant(leader->second, parent)) {
        return fail(ErrorKind::kUnsupported,
                    "pid {} is in the session of pid {}, which is no descendant of its parent {}",
                    process(child).pid.value, session.value, process(parent).pid.value);
      }
      const auto task = task_of_.find(leader->second);
      if (task == task_of_.end()) {
        return fail(ErrorKind::kUnsupported, "pid {} is in the session of pid {}, an orphan itself",
                    process(child).pid.value, session.value);
      }
      from = task->second;
    } else if (const auto known = helpers_.find(session); known != helpers_.end()) {
      return known->second.task;
    }
    if (!is_namespace_init(parent) && subreapers_.insert(parent).second) {
      plan_.steps.push_back(BecomeSubreaper{task_of_.at(parent)});
    }
    const bool leads = leader == by_pid_.end();
    const NsPid pid = leads ? session : NsPid{++highest_};
    const TaskIndex helper = add_task(pid, std::nullopt);
    plan_.steps.push_back(Fork{from, helper});
    if (leads) plan_.steps.push_back(StartSession{helper});
    helpers_[pid] = {helper, from};
    return helper;
  }

  // A helper in the session outside. Its orphans can only go to the init of the namespace.
  Result<TaskIndex> stand_in_from_outside(std::size_t child, std::size_t parent) {
    if (!is_namespace_init(parent)) {
      return fail(ErrorKind::kUnsupported,
                  "pid {} is in a session outside of the container, and its parent {} never was",
                  process(child).pid.value, process(parent).pid.value);
    }
    const auto known = helpers_.find(NsPid{0});
    if (known != helpers_.end()) return known->second.task;
    const TaskIndex helper = add_task(NsPid{++highest_}, std::nullopt);
    plan_.steps.push_back(Join{helper});
    helpers_[NsPid{0}] = {helper, std::nullopt};
    return helper;
  }

  bool is_descendant(std::size_t i, std::size_t ancestor) const {
    while (i != ancestor) {
      if (process(i).ppid.value == 0) return false;
      i = by_pid_.at(process(i).ppid);
    }
    return true;
  }

  Result<void> add_groups() {
    std::vector<JoinGroup> members;
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      const Process& p = process(i);
      if (p.pgid.value == 0 || leads_session(i)) continue;
      if (p.pgid == p.pid) {
        plan_.steps.push_back(JoinGroup{task_of_.at(i), p.pgid});
      } else {
        if (!by_pid_.contains(p.pgid) && !helpers_.contains(p.pgid)) {
          // The group's leader is gone: a helper leads it until all members are in.
          const TaskIndex helper = add_task(p.pgid, std::nullopt);
          plan_.steps.push_back(Fork{task_of_.at(i), helper});
          plan_.steps.push_back(JoinGroup{helper, p.pgid});
          helpers_[p.pgid] = {helper, task_of_.at(i)};
        }
        members.push_back({task_of_.at(i), p.pgid});
      }
    }
    plan_.steps.insert(plan_.steps.end(), members.begin(), members.end());
    return {};
  }

  void exit_helpers() {
    for (const auto& [pid, helper] : helpers_) {
      plan_.steps.push_back(ExitHelper{helper.task, helper.reaper});
    }
  }

  struct Helper {
    TaskIndex task = 0;
    std::optional<TaskIndex> reaper;
  };

  const std::vector<Process>& processes_;
  Plan plan_;
  std::map<NsPid, std::size_t> by_pid_;
  std::map<std::size_t, std::vector<std::size_t>> children_;
  std::map<std::size_t, TaskIndex> task_of_;
  std::vector<std::pair<std::size_t, std::size_t>> orphans_;  // child, parent
  std::map<NsPid, Helper> helpers_;  // by the session or group that they lead; 0: outside
  std::set<std::size_t> subreapers_;
  pid_t highest_ = 0;
};

}  // namespace

Result<Plan> plan_restore(const model::Container& container) { return Planner(container).run(); }

std::string describe(const Plan& plan) {
  const auto name = [&](TaskIndex task) {
    const PlannedTask& planned = plan.tasks[task];
    return fmt::format("{} {}", planned.process ? "pid" : "helper", planned.pid.value);
  };
  struct Describe {
    const decltype(name)& of;
    std::string operator()(const AdoptInit& s) const { return "take over " + of(s.task); }
    std::string operator()(const Join& s) const {
      return of(s.task) + " enters the namespaces from outside";
    }
    std::string operator()(const FillMemory& s) const { return "fill the memory of " + of(s.task); }
    std::string operator()(const Fork& s) const {
      return "fork " + of(s.child) + " from " + of(s.parent);
    }
    std::string operator()(const ForkSibling& s) const {
      return "fork " + of(s.child) + " beside " + of(s.from);
    }
    std::string operator()(const StartSession& s) const { return of(s.task) + " starts a session"; }
    std::string operator()(const BecomeSubreaper& s) const {
      return of(s.task) + " adopts orphans";
    }
    std::string operator()(const JoinGroup& s) const {
      return fmt::format("{} joins process group {}", of(s.task), s.group.value);
    }
    std::string operator()(const ExitHelper& s) const {
      return fmt::format("{} exits, {} reaps it", of(s.helper),
                         s.reaper ? of(*s.reaper) : "the controller");
    }
    std::string operator()(const BecomeZombie& s) const { return of(s.task) + " becomes a zombie"; }
  };
  std::string text;
  for (const PlanStep& step : plan.steps) text += std::visit(Describe{name}, step) + "\n";
  return text;
}

}  // namespace stasis::restore
