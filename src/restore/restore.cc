#include "restore/restore.h"

#include <fcntl.h>

#include <csignal>
#include <optional>

#include "base/fault_point.h"
#include "base/log.h"
#include "base/parse.h"
#include "proc/maps.h"
#include "restore/address_space.h"
#include "restore/courier_address.h"
#include "restore/fd_table.h"
#include "restore/files.h"
#include "restore/ipc.h"
#include "restore/network.h"
#include "restore/plan.h"
#include "restore/process_tree.h"
#include "restore/shared_objects.h"
#include "restore/task_errands.h"
#include "restore/task_state.h"
#include "restore/tmpfs.h"
#include "sys/file.h"
#include "sys/signals.h"

namespace stasis::restore {
namespace {

using Clock = std::chrono::steady_clock;

class Restorer {
 public:
  explicit Restorer(const Request& request)
      : request_(request), container_(request.image->container()) {}

  Result<Report> run() {
    const auto begin = Clock::now();
    STASIS_ASSIGN(const Plan plan, plan_restore(container_));
    STASIS_ASSIGN(const auto dir, proc::ProcDir::open(request_.init));
    STASIS_ASSIGN(root_, dir.open_file("root", O_PATH | O_DIRECTORY));
    if (request_.network == model::NetworkOwner::kContainer && container_.network) {
      STASIS_TRY(restore_network(*container_.network, request_.init, report_.warnings));
      STASIS_FAULT_POINT("restore.after_network");
    }
    STASIS_TRY(restore_tmpfs(*request_.image, request_.init, report_.warnings));
    if (!request_.console_path.empty()) {
      STASIS_ASSIGN(console_, sys::open_in_root(root_.get(), request_.console_path,
                                                O_RDWR | O_NOCTTY | O_NOFOLLOW));
    }
    STASIS_ASSIGN(objects_, make_shared_objects(*request_.image, root_.get(), report_.warnings));
    STASIS_FAULT_POINT("restore.after_objects");
    STASIS_ASSIGN(const TreeRoot root, choose_root(dir));
    const AddressSpaceInputs inputs{request_.image, &objects_, root.pages};
    const FillMemoryFn fill = [&](LiveTask& task, const courier::FdChannel& channel,
                                  std::size_t process,
                                  std::optional<std::size_t> parent) -> Result<RemoteAddr> {
      if (task.host() == request_.init) STASIS_TRY(make_ipc_objects(*request_.image, task));
      STASIS_ASSIGN(const RemoteAddr instruction,
                    restore_address_space(task, channel, inputs, process, parent));
      STASIS_FAULT_POINT("restore.filled_memory");
      return instruction;
    };
    STASIS_ASSIGN(auto tree, ProcessTree::build(container_, plan, root, fill));
    STASIS_FAULT_POINT("restore.after_tree");
    STASIS_TRY(tree.spawn_threads(container_));
    STASIS_TRY(finish_ipc_objects(container_, tree));
    STASIS_TRY(restore_files(tree));
    STASIS_FAULT_POINT("restore.after_files");
    STASIS_TRY(seal_memfds(container_, objects_));
    STASIS_TRY(restore_tasks(tree, root.pages));
    STASIS_FAULT_POINT("restore.before_release");
    STASIS_TRY(release(tree));
    report_.total = Clock::now() - begin;
    return std::move(report_);
  }

 private:
  Result<TreeRoot> choose_root(const proc::ProcDir& init) {
    STASIS_ASSIGN(const auto maps, proc::read_maps(init));
    std::vector<AddressSpan> taken;
    for (const auto& mapping : maps) taken.push_back({mapping.start, mapping.end});
    STASIS_ASSIGN(const auto pages, plan_courier_address(container_, taken));
    return TreeRoot{request_.init, request_.join, pages,
                    choose_channel_number(container_.processes)};
  }

  const model::Process& model_of(const LiveProcess& live) const {
    return container_.processes[live.process];
  }

  Result<void> restore_files(ProcessTree& tree) {
    STASIS_ASSIGN(auto errands, TaskErrands::create(container_, tree, request_.init));
    files_.emplace(container_, FileEnvironment{.root_fd = root_.get(),
                                               .init = request_.init,
                                               .stdio = request_.stdio,
                                               .console = console_.get(),
                                               .caller_terminal = request_.caller_terminal,
                                               .ghost_files = &objects_.ghost_files,
                                               .shared_memory = &objects_.shared_memory,
                                               .errands = &errands});
    STASIS_TRY(files_->open_all());
    for (LiveProcess& live : tree.processes()) {
      const auto& process = model_of(live);
      STASIS_TRY(
          restore_fd_table(live.leader(), tree.channel(), process, files_->open_files())
              .context(fmt::format("restoring the descriptors of pid {}", process.pid.value)));
    }
    for (LiveProcess& live : tree.processes()) {
      courier::SyscallBatch batch;
      STASIS_TRY(files_->add_task_steps(model_of(live), batch));
      if (!batch.empty()) STASIS_TRY(live.leader().courier().run(batch));
      STASIS_TRY(tree.channel().close_in(live.leader().courier()));
    }
    return {};
  }

  Result<void> restore_tasks(ProcessTree& tree, const courier::CourierPages& pages) {
    STASIS_ASSIGN(const std::string text, sys::read_file("/proc/sys/kernel/cap_last_cap"));
    const int last_capability = parse_number<int>(trim(text)).value_or(63);
    for (LiveProcess& live : tree.processes()) {
      const auto& process = model_of(live);
      const auto frame = fmt::format("restoring pid {}", process.pid.value);
      STASIS_TRY(restore_process_state(live.leader(), process, report_.warnings).context(frame));
      STASIS_TRY(restore_timers(live.leader(), process).context(frame));
      // The leader last: it removes the pages in which the others work.
      for (std::size_t i = live.threads.size(); i-- > 0;) {
        STASIS_TRY(restore_thread_state(*live.threads[i], process, process.threads[i], container_,
                                        last_capability, report_.warnings)
                       .context(fmt::format("{}: thread {}", frame, process.threads[i].tid.value)));
        if (i > 0) STASIS_TRY(live.threads[i]->finish());
      }
      STASIS_TRY(live.leader().courier().unmap_pages(pages));
      STASIS_TRY(live.leader().finish());
    }
    return {};
  }

  // A process that has nothing to do may end before its last thread is let go.
  Result<void> release(ProcessTree& tree) {
    STASIS_TRY(files_->resume_connections());
    for (LiveProcess& live : tree.processes()) {
      if (model_of(live).stop_signal) STASIS_TRY(sys::kill(live.leader().host(), SIGSTOP));
    }
    for (LiveProcess& live : tree.processes()) {
      for (auto thread = live.threads.rbegin(); thread != live.threads.rend(); ++thread) {
        auto detached = std::move((*thread)->task()).detach();
        if (!detached && detached.error().kind() != ErrorKind::kTaskDied) return detached;
      }
    }
    return {};
  }

  const Request& request_;
  const model::Container& container_;
  UniqueFd root_;
  UniqueFd console_;
  SharedObjects objects_;
  std::optional<FileRestorer> files_;
  Report report_;
};

}  // namespace

Result<Report> restore(const Request& request) { return Restorer(request).run(); }

Result<std::string> describe_restore(const model::Container& container) {
  STASIS_ASSIGN(const Plan plan, plan_restore(container));
  return describe(plan);
}

}  // namespace stasis::restore
