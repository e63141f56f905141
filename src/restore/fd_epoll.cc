// An epoll knows a file by the number under which it was added. So the watches are added in a
// thread with a descriptor table of its own, where any number can be used for a moment; but for
// signalfds (task_steps.h).
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <limits>
#include <thread>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "restore/fd_kinds.h"
#include "restore/task_steps.h"
#include "sys/child_process.h"
#include "sys/descriptor.h"
#include "sys/event_fd.h"
#include "sys/thread_root.h"

namespace stasis::restore {
namespace {

// EPOLLONESHOT: when the entry has been reported, only the flags are left of its events.
bool is_spent(const model::EpollWatch& watch) {
  constexpr std::uint32_t kFlags = EPOLLONESHOT | EPOLLET | EPOLLWAKEUP | EPOLLEXCLUSIVE;
  return (watch.events & EPOLLONESHOT) != 0 && (watch.events & ~kFlags) == 0;
}

// Adds the entry for what its file is ready for now, and has it reported. A file that is ready for
// nothing keeps an entry that can report an error or a hang-up, which every added one can.
Result<void> add_spent(int epoll, const model::EpollWatch& watch) {
  STASIS_ASSIGN(const short ready, sys::poll_now(watch.fd, POLLIN | POLLOUT | POLLPRI));
  const auto events = watch.events | static_cast<std::uint16_t>(ready);
  STASIS_TRY(sys::add_to_epoll(epoll, watch.fd, events, watch.data));
  return sys::take_epoll_event(epoll);
}

Result<void> add_watch(int epoll, const model::EpollWatch& watch) {
  if (is_spent(watch)) return add_spent(epoll, watch);
  return sys::add_to_epoll(epoll, watch.fd, watch.events, watch.data);
}

// Those that are spent come first: the one that is ready must be the only one.
std::vector<model::EpollWatch> in_order(std::vector<model::EpollWatch> watches) {
  std::stable_partition(watches.begin(), watches.end(), is_spent);
  return watches;
}

Result<void> add_all(const FileContext& context) {
  STASIS_TRY(sys::unshare_thread_files());
  // First all descriptors that are still needed leave the numbers that will be overwritten.
  const int safe = first_safe_fd(context.container);
  std::vector<UniqueFd> moved(context.files.size());
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    STASIS_ASSIGN(moved[file], sys::duplicate_from(context.files[file].get(), safe));
  }
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    const auto* epoll = std::get_if<model::Epoll>(&context.model_of(file).detail);
    if (epoll == nullptr) continue;
    for (const auto& watch : in_order(epoll->watches)) {
      if (is_signal_watch(context.container, watch)) continue;
      STASIS_TRY(sys::duplicate_onto(moved[watch.open_file].get(), watch.fd));
      auto added = add_watch(moved[file].get(), watch);
      if (!added) {
        return std::move(added.error())
            .context(fmt::format("restoring the epoll at {}", context.place(file)));
      }
    }
  }
  return {};
}

}  // namespace

int first_safe_fd(const model::Container& container) {
  int most = 0;
  for (const auto& file : container.open_files) {
    const auto* epoll = std::get_if<model::Epoll>(&file.detail);
    if (epoll == nullptr) continue;
    for (const auto& watch : epoll->watches) most = std::max(most, watch.fd);
  }
  return std::min(most, std::numeric_limits<int>::max() - 1) + 1;
}

Result<void> fill_epolls(FileContext& context) {
  const bool any = std::any_of(
      context.container.open_files.begin(), context.container.open_files.end(),
      [](const auto& file) { return std::holds_alternative<model::Epoll>(file.detail); });
  if (!any) return {};
  Result<void> result;
  std::thread([&] { result = add_all(context); }).join();
  return result;
}

}  // namespace stasis::restore
