// An epoll knows a file by the number under which it was added. So the watches are added in a
// thread with a descriptor table of its own, where any number can be used for a moment; but for
// signalfds (task_steps.h).
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
    for (const auto& watch : epoll->watches) {
      if (is_signal_watch(context.container, watch)) continue;
      STASIS_TRY(sys::duplicate_onto(moved[watch.open_file].get(), watch.fd));
      auto added = sys::add_to_epoll(moved[file].get(), watch.fd, watch.events, watch.data);
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
