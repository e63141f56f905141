// A child process that answers questions of one byte with a number, so that a workload can look at
// state from a second process. It ends with its parent's end of the pipes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>

namespace stasis::workload {

class Helper {
 public:
  using Answer = std::function<std::int64_t(char question)>;
  explicit Helper(const Answer& answer);
  // For a process that was started otherwise and calls serve() with these ends.
  Helper(pid_t pid, int to, int from) : pid_(pid), to_(to), from_(from) {}
  pid_t pid() const { return pid_; }
  std::int64_t ask(char question) const;
  static void serve(int in, int out, const Answer& answer);

 private:
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
};

}  // namespace stasis::workload
