#include "restore/task_steps.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <variant>

#include <fmt/format.h>

namespace stasis::restore {
namespace {

bool uses(const model::Process& process, std::int32_t number) {
  return std::any_of(process.fds.begin(), process.fds.end(),
                     [&](const model::FdEntry& entry) { return entry.fd == number; });
}

// The number of `file` in the process: `preferred` when it is one of its numbers.
std::optional<std::int32_t> find_number(const model::Process& process, std::uint32_t file,
                                        std::int32_t preferred) {
  std::optional<std::int32_t> found;
  for (const auto& entry : process.fds) {
    if (entry.open_file != file) continue;
    if (entry.fd == preferred) return preferred;
    if (!found) found = entry.fd;
  }
  return found;
}

// Nothing when the process cannot add the watch under its number.
std::optional<SignalWatch> plan_in(const model::Process& process, std::uint32_t epoll,
                                   const model::EpollWatch& watch) {
  const auto epoll_number = find_number(process, epoll, -1);
  const auto number = find_number(process, watch.open_file, watch.fd);
  if (!epoll_number || !number) return std::nullopt;
  if (*number != watch.fd && uses(process, watch.fd)) return std::nullopt;
  return SignalWatch{process.pid, *epoll_number, *number, watch};
}

Result<SignalWatch> plan_watch(const model::Container& container, std::uint32_t epoll,
                               const model::EpollWatch& watch) {
  std::optional<SignalWatch> best;
  for (const auto& process : container.processes) {
    auto found = plan_in(process, epoll, watch);
    if (!found) continue;
    if (found->signal_fd == watch.fd) return *found;
    if (!best) best = std::move(found);
  }
  if (best) return *best;
  return fail(ErrorKind::kUnsupported,
              "an epoll watches a signalfd as fd {}, and no process has both and that number free",
              watch.fd);
}

void add_watch(const SignalWatch& planned, courier::SyscallBatch& batch) {
  const auto& watch = planned.watch;
  epoll_event event{};
  event.events = watch.events;
  event.data.u64 = watch.data;
  const auto argument = batch.value(event);
  const bool borrowed = planned.signal_fd != watch.fd;
  if (borrowed) batch.must(SYS_dup3, planned.signal_fd, watch.fd, O_CLOEXEC);
  batch.must(SYS_epoll_ctl, planned.epoll, EPOLL_CTL_ADD, watch.fd, argument);
  if (borrowed) batch.must(SYS_close, watch.fd);
}

}  // namespace

Result<std::vector<SignalWatch>> plan_signal_watches(const model::Container& container) {
  std::vector<SignalWatch> planned;
  for (std::uint32_t file = 0; file < container.open_files.size(); ++file) {
    const auto* epoll = std::get_if<model::Epoll>(&container.open_files[file].detail);
    if (epoll == nullptr) continue;
    for (const auto& watch : epoll->watches) {
      if (!is_signal_watch(container, watch)) continue;
      STASIS_ASSIGN(auto found, plan_watch(container, file, watch));
      planned.push_back(std::move(found));
    }
  }
  return planned;
}

bool is_signal_watch(const model::Container& container, const model::EpollWatch& watch) {
  return std::holds_alternative<model::SignalFd>(container.open_files[watch.open_file].detail);
}

void add_signal_watches(const std::vector<SignalWatch>& watches, NsPid process,
                        courier::SyscallBatch& batch) {
  for (const auto& planned : watches) {
    if (planned.process != process) continue;
    batch.describe(fmt::format("restoring the watch of fd {} in the epoll at fd {} of pid {}",
                               planned.watch.fd, planned.epoll, process.value));
    add_watch(planned, batch);
  }
}

std::vector<OwnedFile> plan_file_owners(const model::Container& container) {
  std::vector<OwnedFile> planned;
  std::unordered_set<std::uint32_t> seen;
  for (const auto& process : container.processes) {
    for (const auto& entry : process.fds) {
      const auto& file = container.open_files[entry.open_file];
      const bool owned = file.owner.has_value() || (file.flags & O_ASYNC) != 0;
      const bool outside = std::holds_alternative<model::ExternalFile>(file.detail);
      if (!owned || outside || !seen.insert(entry.open_file).second) continue;
      planned.push_back({process.pid, entry.fd, file.flags, file.owner});
    }
  }
  return planned;
}

void add_file_owners(const std::vector<OwnedFile>& files, NsPid process,
                     courier::SyscallBatch& batch) {
  for (const auto& file : files) {
    if (file.process != process) continue;
    batch.describe(fmt::format("restoring the owner of fd {} of pid {}", file.fd, process.value));
    if (file.owner && file.owner->id.value != 0) {
      f_owner_ex owner{};
      owner.type = static_cast<decltype(owner.type)>(file.owner->type);
      owner.pid = file.owner->id.value;
      batch.must(SYS_fcntl, file.fd, F_SETOWN_EX, batch.value(owner));
    }
    if (file.owner && file.owner->signal != 0) {
      batch.must(SYS_fcntl, file.fd, F_SETSIG, file.owner->signal);
    }
    if ((file.flags & O_ASYNC) != 0) {
      batch.must(SYS_fcntl, file.fd, F_SETFL, file.flags & kSettableFlags);
    }
  }
}

}  // namespace stasis::restore
