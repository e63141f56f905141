// epoll(7): the interest list. The kernel tells the number under which a file was added, which may
// be closed or another file's by now; kcmp(2) tells which open file it really is.
#include <sys/sysmacros.h>

#include <map>
#include <numeric>
#include <variant>

#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"
#include "sys/event_fd.h"

namespace stasis::checkpoint {
namespace {

// `offset`: which of the targets of the same number.
Result<std::optional<std::uint32_t>> find_target(const FileContext& context, int epoll,
                                                 const proc::EpollTarget& target, unsigned offset) {
  const auto device = ::makedev(target.dev_major, target.dev_minor);
  auto candidates = context.find_by_inode(device, target.inode);
  if (candidates.empty()) {
    // Overlay filesystems show other numbers here than in stat(2).
    candidates.resize(context.files.size());
    std::iota(candidates.begin(), candidates.end(), 0U);
  }
  for (const auto candidate : candidates) {
    STASIS_ASSIGN(const bool same,
                  sys::epoll_watches(epoll, target.fd, offset, context.files[candidate].fd.get()));
    if (same) return std::optional(candidate);
  }
  return std::optional<std::uint32_t>();
}

}  // namespace

Result<void> collect_epoll(FileContext& context, std::uint32_t file) {
  context.model_of(file).detail = model::Epoll{};
  return {};
}

Result<void> finish_epolls(FileContext& context) {
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    auto* epoll = std::get_if<model::Epoll>(&context.model_of(file).detail);
    if (epoll == nullptr) continue;
    std::map<int, unsigned> seen;
    for (const auto& target : context.files[file].info.epoll_targets) {
      STASIS_ASSIGN(const auto found,
                    find_target(context, context.files[file].fd.get(), target, seen[target.fd]++));
      if (!found) {
        context.block(file,
                      fmt::format("an epoll that watches a file (added as fd {}) which no process "
                                  "of the container has open",
                                  target.fd),
                      "remove it from the epoll before the checkpoint");
        continue;
      }
      epoll->watches.push_back({target.fd, *found, target.events, target.data});
    }
  }
  return {};
}

}  // namespace stasis::checkpoint
