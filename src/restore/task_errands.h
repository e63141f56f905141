// Errands of the processes of a tree that has been built. See errands.h.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "proc/namespace_maps.h"
#include "restore/errands.h"
#include "restore/process_tree.h"

namespace stasis::restore {

class TaskErrands : public Errands {
 public:
  // Everything is borrowed. The tables of all processes hold the channel only. run() is served by
  // the thread that attached to the tree.
  static Result<TaskErrands> create(const model::Container& container, ProcessTree& tree,
                                    HostPid init);

  bool has_caller(NsPid pid) const override;
  Result<std::vector<UniqueFd>> run(const Errand& errand) override;
  std::optional<HostPid> find_host_pid(NsPid pid) const override;
  CallDesk& desk() override { return *desk_; }

 private:
  TaskErrands(const model::Container& container, ProcessTree& tree);

  LiveTask* find(NsPid pid) const;
  Result<std::vector<UniqueFd>> run_here(const Errand& errand);
  Result<std::vector<UniqueFd>> run_in(LiveTask& caller, const Errand& errand);
  Result<std::vector<UniqueFd>> run_in_helper(const Errand& errand);

  ProcessTree* tree_;
  std::set<NsPid> taken_;  // pids of threads and zombies, groups and sessions: no helper's
  std::vector<proc::IdRange> uids_, gids_;
  std::unique_ptr<CallDesk> desk_ = std::make_unique<CallDesk>();
};

}  // namespace stasis::restore
