#include "integration/kernel/checkpointed_memory.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>

#include "courier/courier.h"
#include "courier/fd_channel.h"
#include "image/writer.h"
#include "restore/address_space.h"
#include "restore/courier_address.h"
#include "restore/memory_verify.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/ptrace.h"
#include "trace/vdso.h"
#include "trace/vdso_mapping.h"

namespace stasis::test {
namespace {

constexpr int kRseqUnregister = 1;  // RSEQ_FLAG_UNREGISTER
constexpr int kChannel = 900;       // no program of the tests has so many descriptors

// The sandbox has one pid namespace: host numbers are those of the container.
Result<courier::TaskIdentity> identify(HostPid pid) {
  STASIS_ASSIGN(const auto dir, proc::ProcDir::open(pid));
  STASIS_ASSIGN(const auto memory, trace::RemoteMemory::open(pid));
  STASIS_ASSIGN(const auto vdso, trace::find_vdso(dir));
  STASIS_ASSIGN(const RemoteAddr instruction,
                trace::find_syscall_instruction(memory, vdso.start, vdso.end));
  return courier::TaskIdentity{
      .pid = NsPid{pid.value}, .tid = NsPid{pid.value}, .syscall_instruction = instruction};
}

Result<trace::SeizedTask> seize(HostPid pid) {
  STASIS_ASSIGN(auto task, trace::SeizedTask::seize(pid, sys::ptrace::kTraceForks));
  STASIS_TRY(task.wait_stopped());
  return task;
}

// A process of the test with a courier in it, until it is let go.
struct StoppedProcess {
  trace::SeizedTask task;
  proc::ProcDir dir;
  trace::RemoteMemory memory;
  std::optional<courier::Courier> courier = {};
  courier::CourierPages pages = {};
};

Result<std::unique_ptr<StoppedProcess>> stop(HostPid pid) {
  STASIS_ASSIGN(auto task, seize(pid));
  STASIS_ASSIGN(auto dir, proc::ProcDir::open(pid));
  STASIS_ASSIGN(auto memory, trace::RemoteMemory::open(pid));
  STASIS_ASSIGN(const auto identity, identify(pid));
  std::unique_ptr<StoppedProcess> process(
      new StoppedProcess{std::move(task), std::move(dir), std::move(memory)});
  STASIS_ASSIGN(auto courier, courier::Courier::enter(process->task, process->memory, identity));
  process->courier.emplace(std::move(courier));
  STASIS_ASSIGN(process->pages, process->courier->map_pages());
  return process;
}

Result<void> let_go(StoppedProcess& process) {
  STASIS_TRY(process.courier->unmap_pages(process.pages));
  STASIS_TRY(std::move(*process.courier).leave());
  process.courier.reset();
  return std::move(process.task).detach();
}

Result<void> collect(StoppedProcess& process, const checkpoint::ProcessView& view,
                     checkpoint::ObjectRegistry& objects, model::Process& into,
                     SavedMemory& saved) {
  courier::SyscallBatch batch;
  const auto questions = checkpoint::MemoryQuestions::add_to(batch);
  STASIS_TRY(process.courier->run(batch));
  STASIS_TRY(checkpoint::collect_address_space(view, objects, into.memory, saved.blockers));
  questions.take_answers(batch, into.memory);
  auto& leader = into.threads.emplace_back();
  leader.registers = process.courier->registers().with_interrupted_call_resolved().raw();
  leader.signal_mask = process.courier->signal_mask();
  STASIS_ASSIGN(leader.xstate, sys::ptrace::get_xstate(process.task.tid()));
  into.pid = leader.tid = view.pid;
  return {};
}

Result<memory::PreCopy> copy_early(const std::vector<HostPid>& processes,
                                   image::ImageWriter& image) {
  std::vector<memory::PreCopyTarget> targets;
  for (const HostPid pid : processes) {
    STASIS_ASSIGN(auto task, seize(pid));
    STASIS_ASSIGN(const auto memory, trace::RemoteMemory::open(pid));
    STASIS_ASSIGN(const auto identity, identify(pid));
    STASIS_ASSIGN(auto courier, courier::Courier::enter(task, memory, identity));
    STASIS_ASSIGN(const UniqueFd pidfd, sys::pidfd_open(pid));
    STASIS_ASSIGN(UniqueFd userfaultfd, memory::open_userfaultfd(courier, pidfd.get()));
    targets.push_back({pid, std::move(userfaultfd)});
    STASIS_TRY(std::move(courier).leave());
    STASIS_TRY(std::move(task).detach());
  }
  return memory::PreCopy::start(std::move(targets), image);
}

class Rebuilder {
 public:
  Rebuilder(const image::ImageReader& image, const restore::SharedObjects& objects,
            const std::vector<int>& fds)
      : image_(image), objects_(objects), fds_(fds) {}

  Result<void> run() {
    const auto& processes = image_.container().processes;
    STASIS_TRY(take_fresh());
    STASIS_TRY(fill(*tasks_[0], 0, std::nullopt));
    for (std::size_t i = 1; i < processes.size(); ++i) {
      STASIS_ASSIGN(auto child, tasks_[0]->fork(processes[i].pid, SIGCHLD));
      tasks_.push_back(std::move(child));
      STASIS_TRY(fill(*tasks_[i], i, 0));
    }
    for (std::size_t i = 0; i < processes.size(); ++i) STASIS_TRY(release(*tasks_[i], i));
    return {};
  }

 private:
  // A fork of the test under the number of the first process.
  Result<void> take_fresh() {
    const pid_t wanted = image_.container().processes[0].pid.value;
    STASIS_TRY(sys::write_control_file("/proc/sys/kernel/ns_last_pid", std::to_string(wanted - 1)));
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      while (true) ::pause();
    }
    STASIS_ASSIGN(const auto dir, proc::ProcDir::open(HostPid{pid}));
    STASIS_ASSIGN(const auto maps, proc::read_maps(dir));
    std::vector<restore::AddressSpan> taken;
    for (const auto& mapping : maps) taken.push_back({mapping.start, mapping.end});
    STASIS_ASSIGN(pages_, restore::plan_courier_address(image_.container(), taken));
    STASIS_ASSIGN(auto task, seize(HostPid{pid}));
    STASIS_ASSIGN(const auto identity, identify(HostPid{pid}));
    STASIS_ASSIGN(auto live, restore::LiveTask::take(std::move(task), identity, {}));
    STASIS_TRY(live->courier().map_pages(pages_.base));
    live->set_pages(pages_);
    STASIS_ASSIGN(const auto rseq, sys::ptrace::get_rseq(HostPid{pid}));
    if (rseq) {
      STASIS_TRY(live->courier().must_call(
          SYS_rseq, {rseq->address, rseq->size, kRseqUnregister, rseq->signature}));
    }
    STASIS_ASSIGN(const UniqueFd pidfd, sys::pidfd_open(HostPid{pid}));
    STASIS_ASSIGN(auto channel, courier::FdChannel::open(live->courier(), pidfd.get(), kChannel));
    channel_.emplace(std::move(channel));
    tasks_.push_back(std::move(live));
    return {};
  }

  Result<void> fill(restore::LiveTask& task, std::size_t index, std::optional<std::size_t> parent) {
    const restore::AddressSpaceInputs inputs{&image_, &objects_, pages_};
    STASIS_ASSIGN(const RemoteAddr instruction,
                  restore::restore_address_space(task, *channel_, inputs, index, parent));
    task.set_syscall_instruction(instruction);
    STASIS_TRY(channel_->close_others(task.courier()));
    STASIS_ASSIGN(const auto dir, proc::ProcDir::open(task.host()));
    const std::uint64_t base = pages_.base.value;
    return restore::verify_address_space(dir, image_.container().processes[index].memory,
                                         {base, base + courier::kPagesBytes});
  }

  Result<void> release(restore::LiveTask& task, std::size_t index) {
    STASIS_ASSIGN(const auto numbers, channel_->send(task.courier(), fds_));
    // From above: what is still to be moved lies below its place.
    courier::SyscallBatch batch;
    constexpr int kAside = 1000;
    for (std::size_t i = 0; i < fds_.size(); ++i) {
      batch.must(SYS_dup3, numbers[i], kAside + static_cast<int>(i), 0);
    }
    for (std::size_t i = 0; i < fds_.size(); ++i) {
      batch.must(SYS_dup3, kAside + static_cast<int>(i), fds_[i], 0);
      batch.must(SYS_close, kAside + static_cast<int>(i));
    }
    STASIS_TRY(task.courier().run(batch));
    STASIS_TRY(channel_->close_in(task.courier()));
    const auto& leader = image_.container().processes[index].threads[0];
    STASIS_TRY(sys::ptrace::set_xstate(task.host(), leader.xstate));
    task.courier().set_registers(trace::Registers(leader.registers));
    task.courier().set_signal_mask(leader.signal_mask);
    STASIS_TRY(task.courier().unmap_pages(pages_));
    STASIS_TRY(task.finish());
    return std::move(task.task()).detach();
  }

  const image::ImageReader& image_;
  const restore::SharedObjects& objects_;
  const std::vector<int>& fds_;
  courier::CourierPages pages_;
  std::optional<courier::FdChannel> channel_;
  std::vector<std::unique_ptr<restore::LiveTask>> tasks_;
};

}  // namespace

Result<SavedMemory> save_memory(const std::vector<HostPid>& processes, const std::string& directory,
                                When copy) {
  using Clock = std::chrono::steady_clock;
  SavedMemory saved;
  model::Container container;
  container.host.architecture = "x86_64";
  container.processes.resize(processes.size());
  STASIS_ASSIGN(auto objects, checkpoint::ObjectRegistry::create(container, ""));
  STASIS_ASSIGN(auto image, image::ImageWriter::create(directory));
  std::optional<memory::PreCopy> pre_copy;
  if (copy == When::kBefore) {
    STASIS_ASSIGN(pre_copy, copy_early(processes, image));
    saved.pre_copy = pre_copy->statistics();
  }
  const auto started = Clock::now();
  std::vector<std::unique_ptr<StoppedProcess>> stopped;
  std::vector<checkpoint::ProcessView> views;
  std::vector<model::AddressSpace*> spaces;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    STASIS_ASSIGN(auto process, stop(processes[i]));
    auto& into = container.processes[i];
    views.push_back({.pid = NsPid{processes[i].value},
                     .comm = "test",
                     .dir = process->dir,
                     .memory = process->memory,
                     .courier = process->pages,
                     .pre_copied = pre_copy ? pre_copy->pages_of(processes[i]) : nullptr});
    STASIS_TRY(collect(*process, views.back(), objects, into, saved));
    into.ppid = i == 0 ? NsPid{} : container.processes[0].pid;
    spaces.push_back(&into.memory);
    stopped.push_back(std::move(process));
  }
  STASIS_ASSIGN(saved.statistics, checkpoint::save_pages(views, spaces, image));
  STASIS_TRY(objects.save_contents(image));
  for (auto& process : stopped) STASIS_TRY(let_go(*process));
  saved.stop_time = Clock::now() - started;
  STASIS_TRY(std::move(image).finish(container));
  return saved;
}

Result<void> rebuild(const image::ImageReader& image, const std::vector<int>& fds) {
  STASIS_ASSIGN(const UniqueFd root, sys::open("/", O_RDONLY | O_DIRECTORY));
  std::vector<std::string> warnings;
  STASIS_ASSIGN(const auto objects, restore::make_shared_objects(image, root.get(), warnings));
  STASIS_TRY(Rebuilder(image, objects, fds).run());
  return restore::seal_memfds(image.container(), objects);
}

}  // namespace stasis::test
