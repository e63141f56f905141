#include "proc/proc_dir.h"

#include <fcntl.h>

#include <fmt/format.h>

#include "sys/file.h"

namespace stasis::proc {
namespace {

Result<UniqueFd> open_directory(const std::string& path, const std::string& name) {
  auto fd = sys::open(path, O_RDONLY | O_DIRECTORY);
  if (fd) return fd;
  auto error = std::move(fd.error()).context(name);
  if (error.kind() == ErrorKind::kNotFound) return std::move(error).as(ErrorKind::kTaskDied);
  return error;
}

}  // namespace

Result<ProcDir> ProcDir::open(HostPid pid) {
  std::string name = fmt::format("pid {}", pid.value);
  STASIS_ASSIGN(auto fd, open_directory(fmt::format("/proc/{}", pid.value), name));
  return ProcDir(std::move(fd), std::move(name));
}

Result<ProcDir> ProcDir::open_task(HostPid pid, HostPid tid) {
  std::string name = fmt::format("pid {} thread {}", pid.value, tid.value);
  STASIS_ASSIGN(auto fd,
                open_directory(fmt::format("/proc/{}/task/{}", pid.value, tid.value), name));
  return ProcDir(std::move(fd), std::move(name));
}

ProcDir ProcDir::from_fd(UniqueFd fd, std::string name) {
  return ProcDir(std::move(fd), std::move(name));
}

// In the directory of a task that has been reaped every lookup gives ENOENT (older kernels) or
// ESRCH; "stat" is there as long as the task is.
Error ProcDir::explain(Error error) const {
  if (error.kind() == ErrorKind::kNotFound && !sys::exists_at(fd_.get(), "stat")) {
    error = std::move(error).as(ErrorKind::kTaskDied);
  }
  return std::move(error).context(name_);
}

Result<std::string> ProcDir::read(const std::string& file) const {
  auto text = sys::read_file_at(fd_.get(), file);
  if (!text) return explain(std::move(text.error()));
  return text;
}

Result<std::string> ProcDir::read_link(const std::string& file) const {
  auto target = sys::read_link_at(fd_.get(), file);
  if (!target) return explain(std::move(target.error()));
  return target;
}

Result<std::vector<std::string>> ProcDir::list(const std::string& directory) const {
  auto names = sys::list_dir_at(fd_.get(), directory);
  if (!names) return explain(std::move(names.error()));
  return names;
}

Result<UniqueFd> ProcDir::open_file(const std::string& file, int flags) const {
  auto opened = sys::open_at(fd_.get(), file, flags);
  if (!opened) return explain(std::move(opened.error()));
  return opened;
}

}  // namespace stasis::proc
