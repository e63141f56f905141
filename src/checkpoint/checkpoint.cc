#include "checkpoint/checkpoint.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/fault_point.h"
#include "base/log.h"
#include "base/rollback.h"
#include "checkpoint/clocks.h"
#include "checkpoint/early_copy.h"
#include "checkpoint/files.h"
#include "checkpoint/ipc.h"
#include "checkpoint/memory.h"
#include "checkpoint/network.h"
#include "checkpoint/seized_container.h"
#include "checkpoint/tasks.h"
#include "checkpoint/tmpfs_tree.h"
#include "image/host_facts.h"
#include "image/report.h"
#include "image/writer.h"

namespace stasis::checkpoint {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPatience(5000);

class Checkpointer {
 public:
  Checkpointer(const Request& request, AreaReading reading)
      : request_(request), reading_(reading) {}

  // Nothing: with AreaReading::kEarly, what was read before the stop may not hold for it. The
  // container runs on and there is no image.
  Result<std::optional<Report>> run() {
    const auto begin = Clock::now();
    std::optional<image::ImageWriter> writer;
    if (request_.after != AfterCheckpoint::kDryRun) {
      STASIS_ASSIGN(auto created, image::ImageWriter::create(request_.image_directory));
      writer.emplace(std::move(created));
    }
    STASIS_FAULT_POINT("checkpoint.opened");
    STASIS_TRY(wanted());
    if (request_.after == AfterCheckpoint::kLeaveRunning) {
      STASIS_ASSIGN(early_, copy_early(*request_.cgroup, *writer, reading_));
      STASIS_FAULT_POINT("checkpoint.copied_early");
      STASIS_TRY(wanted());
    }
    if (request_.network == model::NetworkOwner::kContainer) {
      STASIS_ASSIGN(new_network_, read_new_network());
    }
    const auto stop = Clock::now();
    STASIS_ASSIGN(auto seized,
                  SeizedContainer::seize(*request_.cgroup, request_.init, kPatience, blockers_));
    STASIS_FAULT_POINT("checkpoint.after_seize");
    STASIS_TRY(wanted());
    STASIS_ASSIGN(HeldConnections connections, collect(seized));
    STASIS_FAULT_POINT("checkpoint.collected");
    if (!ends_processes()) connections.let_go();
    if (!blockers_.empty()) return fail(ErrorKind::kUnsupported, "{}", describe(blockers_));
    if (!writer) {
      STASIS_TRY(std::move(seized).release());
      report_.contents = image::contents_text(image::make_report(container_));
      return report(begin, stop, Clock::now());
    }
    STASIS_TRY(wanted());
    STASIS_TRY(save(*writer));
    STASIS_FAULT_POINT("checkpoint.after_save");
    STASIS_TRY(wanted());
    if (request_.after == AfterCheckpoint::kLeaveRunning) {
      STASIS_TRY(std::move(seized).release());
      const auto running = Clock::now();
      early_.reset();
      if (!areas_held()) return std::optional<Report>();
      STASIS_FAULT_POINT("checkpoint.released");
      STASIS_TRY(publish(std::move(*writer)));
      return report(begin, stop, running);
    }
    STASIS_TRY(publish(std::move(*writer)));
    STASIS_TRY(end(std::move(seized)));
    connections.close_silently();
    return report(begin, stop, Clock::now());
  }

 private:
  bool ends_processes() const { return request_.after == AfterCheckpoint::kStop; }

  Result<HeldConnections> collect(SeizedContainer& seized) {
    container_.info = request_.info;
    container_.info.left_running = request_.after == AfterCheckpoint::kLeaveRunning;
    container_.info.tcp_established = request_.files.tcp_established;
    container_.host = image::read_host_facts();
    STASIS_ASSIGN(container_.clocks, read_container_clocks(seized.processes().front().dir));
    STASIS_ASSIGN(const std::string root, seized.processes().front().dir.read_link("root"));
    STASIS_ASSIGN(auto objects, ObjectRegistry::create(container_, root == "/" ? "" : root));
    objects_.emplace(std::move(objects));
    FileOptions options = request_.files;
    options.processes_end = ends_processes();
    STASIS_ASSIGN(auto files,
                  FileCollector::create(container_, request_.init, options, &*objects_));
    STASIS_ASSIGN(auto ipc, IpcCollector::create(seized, container_, blockers_));
    container_.processes.resize(seized.processes().size());
    for (std::size_t i = 0; i < seized.processes().size(); ++i) {
      SeizedProcess& process = seized.processes()[i];
      STASIS_TRY(collect_process(seized, process, {files, ipc}, container_.processes[i])
                     .context(fmt::format("pid {} ({})", process.pid.value, process.status.name)));
    }
    STASIS_TRY(files.finish());
    STASIS_TRY(ipc.finish(*objects_));
    STASIS_TRY(collect_tmpfs(seized.processes().front().dir));
    if (request_.network == model::NetworkOwner::kContainer) {
      STASIS_ASSIGN(container_.network, collect_network(seized, new_network_, blockers_));
    }
    blockers_.insert(blockers_.end(), files.blockers().begin(), files.blockers().end());
    return files.take_connections();
  }

  Result<void> collect_tmpfs(const proc::ProcDir& init) {
    STASIS_ASSIGN(tmpfs_, find_own_tmpfs(init, request_.mounts, blockers_));
    for (const OwnTmpfs& mount : tmpfs_) {
      auto entries = collect_tree(mount.tree.get());
      if (!entries) {
        return std::move(entries.error())
            .context(fmt::format("the tmpfs at '{}'", mount.mount_point));
      }
      container_.tmpfs.push_back({mount.mount_point, std::move(*entries)});
    }
    return {};
  }

  struct Collectors {
    FileCollector& files;
    IpcCollector& ipc;
  };

  Result<void> collect_process(SeizedContainer& seized, SeizedProcess& process,
                               const Collectors& collectors, model::Process& into) {
    if (process.zombie) return collect_zombie(seized, process, into);
    STASIS_ASSIGN(auto session, CourierSession::open(process));
    STASIS_FAULT_POINT("checkpoint.in_session");
    STASIS_TRY(collect_tasks(seized, process, session, container_, into, blockers_));
    if (&process == &seized.processes().front()) {
      STASIS_TRY(collectors.ipc.ask_init(session.leader()));
    }
    STASIS_TRY(collectors.ipc.ask_process(process, session.leader()));
    STASIS_TRY(collect_files(process, session, collectors.files, into));
    STASIS_TRY(std::move(session).close());
    views_.push_back({.pid = process.pid,
                      .comm = process.status.name,
                      .dir = process.dir,
                      .memory = *process.memory,
                      .courier = {},
                      .pre_copied = early_ ? early_->pages.pages_of(process.host) : nullptr,
                      .early_areas = early_ ? early_->areas_of(process.host) : nullptr});
    spaces_.push_back(&into.memory);
    STASIS_ASSIGN(auto unconfirmed,
                  collect_address_space(views_.back(), *objects_, into.memory, blockers_));
    if (!unconfirmed.empty()) unconfirmed_.emplace_back(process.host, std::move(unconfirmed));
    STASIS_ASSIGN(const std::string root, process.dir.read_link("root"));
    STASIS_ASSIGN(const std::string cwd, process.dir.read_link("cwd"));
    into.root = objects_->path_in_container(root);
    into.cwd = objects_->path_in_container(cwd);
    return {};
  }

  // Parents come before their children.
  Origin origin_of(const model::Process& process) const {
    if (&process == &container_.processes.front()) return Origin::kInit;
    if (process.ppid.value == 0) return Origin::kExec;
    const auto parent = std::ranges::find(container_.processes, process.ppid, &model::Process::pid);
    return parent == container_.processes.end() ? Origin::kInit : origin_of(*parent);
  }

  Result<void> collect_files(const SeizedProcess& process, CourierSession& session,
                             FileCollector& files, model::Process& into) const {
    const FileOwnerProcess owner{.host = process.host,
                                 .pid = process.pid,
                                 .pidfd = process.pidfd.get(),
                                 .comm = process.status.name,
                                 .origin = origin_of(into),
                                 .get_fd_flags = [&](int fd) {
                                   return session.leader().must_call(SYS_fcntl, {fd, F_GETFD});
                                 }};
    return files.collect_process(owner, into);
  }

  bool areas_held() const {
    return std::ranges::all_of(unconfirmed_, [](const auto& one) {
      const auto dir = proc::ProcDir::open(one.first);
      if (!dir) return false;
      const auto now = proc::read_smaps(*dir);
      return now && confirms(one.second, *now);
    });
  }

  Result<void> wanted() const {
    return request_.still_wanted ? request_.still_wanted() : Result<void>();
  }

  Result<void> save(image::ImageWriter& writer) {
    STASIS_ASSIGN(pages_, save_pages(views_, spaces_, writer));
    STASIS_FAULT_POINT("checkpoint.saved_pages");
    STASIS_TRY(save_trees(tmpfs_, container_.tmpfs, writer));
    return objects_->save_contents(writer);
  }

  Result<void> publish(image::ImageWriter writer) {
    STASIS_ASSIGN(report_.image, std::move(writer).finish(container_, [this] { return wanted(); }));
    return {};
  }

  // When not even the first process can be killed, the container goes on, and there must be no
  // image.
  Result<void> end(SeizedContainer seized) const {
    Rollback undo;
    undo.push([directory = request_.image_directory] { image::unpublish(directory); });
    STASIS_FAULT_POINT("checkpoint.published");
    return std::move(seized).kill(kPatience, undo);
  }

  std::optional<Report> report(Clock::time_point begin, Clock::time_point stop,
                               Clock::time_point running) {
    report_.processes = container_.processes.size();
    for (const auto& process : container_.processes) report_.threads += process.threads.size();
    report_.private_bytes = pages_.copied_bytes + pages_.pre_copied_bytes;
    report_.stopped = running - stop;
    report_.total = Clock::now() - begin;
    log(LogLevel::kDebug, "checkpoint done stopped_us={} total_us={} processes={}",
        report_.stopped / std::chrono::microseconds(1),
        report_.total / std::chrono::microseconds(1), report_.processes);
    return report_;
  }

  const Request& request_;
  AreaReading reading_;
  model::Container container_;
  std::vector<Blocker> blockers_;
  std::optional<EarlyCopy> early_;
  std::vector<std::pair<HostPid, std::vector<proc::MappingDetail>>> unconfirmed_;
  std::optional<ObjectRegistry> objects_;
  std::vector<OwnTmpfs> tmpfs_;
  std::vector<ProcessView> views_;
  std::vector<model::AddressSpace*> spaces_;
  memory::PageStatistics pages_;
  proc::NetworkSettings new_network_;
  Report report_;
};

}  // namespace

Result<Report> checkpoint(const Request& request) {
  STASIS_ASSIGN(const auto report, Checkpointer(request, AreaReading::kEarly).run());
  if (report) return *report;
  log(LogLevel::kDebug, "areas changed during the stop: once more, reading them in the stop");
  STASIS_ASSIGN(const auto second, Checkpointer(request, AreaReading::kInStop).run());
  STASIS_CHECK(second.has_value(), "areas that were read in the stop need no confirmation");
  return *second;
}

}  // namespace stasis::checkpoint
