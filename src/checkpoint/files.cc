#include "checkpoint/files.h"

#include <fcntl.h>

#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"
#include "proc/proc_dir.h"
#include "sys/descriptor.h"
#include "sys/file.h"
#include "sys/process.h"

namespace stasis::checkpoint {
namespace {

Result<CollectedFile> duplicate(const proc::ProcDir& dir, const FileOwnerProcess& process, int fd) {
  CollectedFile found;
  STASIS_ASSIGN(found.fd, sys::pidfd_getfd(process.pidfd, fd));
  STASIS_ASSIGN(found.status, sys::stat_fd(found.fd.get()));
  STASIS_ASSIGN(found.info, proc::read_fd_info(dir, fd));
  STASIS_ASSIGN(found.link, proc::read_fd_link(dir, fd));
  found.host = process.host;
  found.pid = process.pid;
  found.comm = process.comm;
  found.origin = process.origin;
  found.where = fmt::format("fd {}", fd);
  if (fd <= 2) found.stdio = fd;
  return found;
}

// The kernel keeps the O_CLOEXEC with which TIOCGPTPEER opened a terminal among the flags of the
// open file, where fdinfo shows it whatever the descriptor has.
Result<bool> is_close_on_exec(const FileOwnerProcess& process, int fd, const CollectedFile& found) {
  const bool shown = (found.info.flags & O_CLOEXEC) != 0;
  if (!shown || !process.get_fd_flags) return shown;
  STASIS_ASSIGN(const int status, sys::get_status_flags(found.fd.get()));
  if ((status & O_CLOEXEC) == 0) return true;
  STASIS_ASSIGN(const std::int64_t flags, process.get_fd_flags(fd));
  return (flags & FD_CLOEXEC) != 0;
}

}  // namespace

Result<FileCollector> FileCollector::create(model::Container& container, HostPid init,
                                            FileOptions options, ObjectRegistry* objects) {
  auto context = std::make_unique<FileContext>(container, options);
  context->objects = objects;
  STASIS_ASSIGN(context->init, proc::ProcDir::open(init));
  const auto& dir = *context->init;
  STASIS_ASSIGN(context->root, dir.open_file("root", O_PATH | O_DIRECTORY));
  STASIS_ASSIGN(context->network, dir.open_file("ns/net", O_RDONLY));
  STASIS_ASSIGN(context->root_path, sys::read_link_at(dir.fd(), "root"));
  if (context->root_path == "/") context->root_path.clear();
  STASIS_ASSIGN(auto mounts, proc::read_mountinfo(dir));
  context->set_mounts(std::move(mounts));
  return FileCollector(std::move(context));
}

Result<void> FileCollector::collect_process(const FileOwnerProcess& process, model::Process& into) {
  context_->processes[process.host] = process.pid;
  STASIS_ASSIGN(const auto dir, proc::ProcDir::open(process.host));
  STASIS_ASSIGN(const auto fds, proc::list_fds(dir));
  into.fds.reserve(fds.size());
  for (const int fd : fds) {
    const auto frame = [&] { return fmt::format("fd {} of pid {}", fd, process.pid.value); };
    auto found = duplicate(dir, process, fd);
    if (!found) return std::move(found.error()).context(frame());
    auto close_on_exec = is_close_on_exec(process, fd, *found);
    if (!close_on_exec) return std::move(close_on_exec.error()).context(frame());
    const auto locks = found->info.locks;
    auto file = context_->find_or_add(std::move(*found));
    if (!file) return std::move(file.error()).context(frame());
    collect_locks(*context_, *file, process.pid, locks);
    into.fds.push_back({fd, *file, *close_on_exec});
  }
  return {};
}

Result<void> FileCollector::finish() { return finish_fds(*context_); }

}  // namespace stasis::checkpoint
