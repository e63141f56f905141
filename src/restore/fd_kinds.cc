#include "restore/fd_kinds.h"

#include <fcntl.h>

#include <variant>

#include <fmt/format.h>

#include "restore/task_steps.h"
#include "sys/descriptor.h"
#include "sys/event_fd.h"

namespace stasis::restore {
namespace {

// O_ASYNC is the process's: task_steps.h.
constexpr std::uint32_t kSettable = kSettableFlags & ~static_cast<std::uint32_t>(O_ASYNC);

// Gives an empty UniqueFd for what others open: pipes, sockets, terminals, inotifies.
struct OpenIndependent {
  const FileContext& context;
  const model::OpenFile& file;

  Result<UniqueFd> operator()(const model::PathFile& detail) const {
    return open_path_file(context, file, detail);
  }
  Result<UniqueFd> operator()(const model::EventFd& detail) const {
    return open_eventfd(file, detail);
  }
  Result<UniqueFd> operator()(const model::SignalFd& detail) const {
    return open_signalfd(file, detail);
  }
  Result<UniqueFd> operator()(const model::TimerFd& detail) const {
    return open_timerfd(file, detail);
  }
  Result<UniqueFd> operator()(const model::Epoll&) const { return sys::make_epoll(); }
  Result<UniqueFd> operator()(const model::ExternalFile& detail) const {
    return open_external(context, detail);
  }
  Result<UniqueFd> operator()(const model::MemfdFile& detail) const {
    return open_memfd(context, file, detail);
  }
  Result<UniqueFd> operator()(const model::PidFdFile& detail) const {
    return open_pidfd(context, detail);
  }
  Result<UniqueFd> operator()(const model::NamespaceFile& detail) const {
    return open_namespace(context, detail);
  }
  Result<UniqueFd> operator()(const model::PipeEnd&) const { return UniqueFd(); }
  Result<UniqueFd> operator()(const model::SocketFile&) const { return UniqueFd(); }
  Result<UniqueFd> operator()(const model::TtyFile&) const { return UniqueFd(); }
  Result<UniqueFd> operator()(const model::Inotify&) const { return UniqueFd(); }
};

}  // namespace

Result<void> open_independent_files(FileContext& context) {
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    const auto& described = context.model_of(file);
    auto opened = std::visit(OpenIndependent{context, described}, described.detail);
    if (!opened) {
      return std::move(opened.error()).context(fmt::format("restoring {}", context.place(file)));
    }
    context.files[file] = std::move(*opened);
  }
  return {};
}

Result<void> set_all_status_flags(FileContext& context) {
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    const auto& described = context.model_of(file);
    const bool outside = std::holds_alternative<model::ExternalFile>(described.detail);
    if (outside || (described.flags & O_PATH) != 0) continue;
    const int fd = context.files[file].get();
    STASIS_ASSIGN(const int now, sys::get_status_flags(fd));
    const std::uint32_t wanted = described.flags & kSettable;
    if ((static_cast<std::uint32_t>(now) & kSettable) == wanted) continue;
    auto done = sys::set_status_flags(fd, static_cast<int>(wanted));
    if (!done) {
      return std::move(done.error()).context(fmt::format("restoring {}", context.place(file)));
    }
  }
  return {};
}

}  // namespace stasis::restore
