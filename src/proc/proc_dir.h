// The /proc directory of one process or thread, held open: it goes on naming the same task when the
// pid is used again, and tests point it at a directory of captured files.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::proc {

class ProcDir {
 public:
  // /proc/PID. kTaskDied: no such process.
  static Result<ProcDir> open(HostPid pid);
  // /proc/PID/task/TID. kTaskDied: the process or the thread is gone.
  static Result<ProcDir> open_task(HostPid pid, HostPid tid);
  // Any directory with files of the same names; `name` stands in error messages.
  static ProcDir from_fd(UniqueFd fd, std::string name);

  // The directory itself, for openat(2); stays owned here.
  int fd() const { return fd_.get(); }
  // "pid 12", "pid 12 thread 13".
  const std::string& name() const { return name_; }

  // Each fails with kTaskDied when the task is gone, kNotFound when this kernel has no such entry.
  Result<std::string> read(const std::string& file) const;
  Result<std::string> read_link(const std::string& file) const;
  // Entry names, sorted as text.
  Result<std::vector<std::string>> list(const std::string& directory) const;
  // Opens an entry (O_CLOEXEC is added).
  Result<UniqueFd> open_file(const std::string& file, int flags) const;

 private:
  ProcDir(UniqueFd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}
  Error explain(Error error) const;

  UniqueFd fd_;
  std::string name_;
};

}  // namespace stasis::proc
