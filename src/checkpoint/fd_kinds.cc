#include "checkpoint/fd_kinds.h"

#include <array>
#include <string_view>
#include <variant>

namespace stasis::checkpoint {
namespace {

using Collect = Result<void> (*)(FileContext&, std::uint32_t);
using Finish = Result<void> (*)(FileContext&);

struct AnonymousKind {
  std::string_view name;  // as in the link, "anon_inode:[NAME]"
  Collect collect;
};
constexpr std::array kAnonymousKinds = {
    AnonymousKind{"eventfd", collect_eventfd},   AnonymousKind{"eventpoll", collect_epoll},
    AnonymousKind{"signalfd", collect_signalfd}, AnonymousKind{"timerfd", collect_timerfd},
    AnonymousKind{"pidfd", collect_pidfd},       AnonymousKind{"inotify", collect_inotify},
};

// In this order: queues of sockets hold further files; epolls may watch any file.
constexpr std::array<Finish, 8> kFinishers = {
    finish_sockets,       finish_pipes,  finish_ttys,        finish_controlling_ttys,
    finish_outside_files, finish_pidfds, finish_file_owners, finish_epolls};

Collect find_collector(const CollectedFile& file) {
  if (std::holds_alternative<proc::SocketLink>(file.link)) return collect_socket;
  if (S_ISFIFO(file.status.st_mode)) return collect_pipe;
  if (const auto* anonymous = std::get_if<proc::AnonInodeLink>(&file.link)) {
    for (const auto& kind : kAnonymousKinds) {
      if (kind.name == anonymous->kind) return kind.collect;
    }
  }
  if (std::holds_alternative<proc::MemfdLink>(file.link)) return collect_memfd;
  if (std::holds_alternative<proc::NamespaceLink>(file.link)) return collect_namespace;
  if (is_tty_device(file.status)) return collect_tty;
  if (std::holds_alternative<proc::PathLink>(file.link)) return collect_path_file;
  return collect_unsupported;
}

}  // namespace

Result<void> collect_fd(FileContext& context, std::uint32_t file) {
  return find_collector(context.files[file])(context, file);
}

Result<void> finish_fds(FileContext& context) {
  for (const auto finish : kFinishers) STASIS_TRY(finish(context));
  return {};
}

}  // namespace stasis::checkpoint
