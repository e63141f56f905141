// Runs programs from tests: to their end, or in the background with waits for what they print.
// Nothing here waits for time: every wait is for an event and has a limit, after which the test
// program gives up with what was seen so far.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace stasis::test {

inline constexpr std::chrono::seconds kLimit{30};

struct Finished {
  int status = 0;  // exit status, or 128 + signal
  std::string out;
  std::string err;
};

struct RunOptions {
  std::string input;                     // standard input; the program sees its end after that
  std::vector<std::string> environment;  // "NAME=value", added to the test's own
  std::string directory;
  std::chrono::seconds limit = kLimit;
};

// Runs to the end.
Finished run_program(const std::vector<std::string>& arguments, const RunOptions& options = {});

// The test's ends of the pipes that are somebody's standard input, output and error. Both output
// pipes are read together, so that none fills up.
class Pipes {
 public:
  struct OtherEnds {
    UniqueFd in, out, err;
  };
  Pipes();
  OtherEnds take_other_ends() { return std::move(other_ends_); }

  void write(std::string_view text);
  void close_input() { in_.reset(); }
  // Waits for a whole line on standard output and returns it without its newline. Gives up at the
  // limit; nothing at the end of the output.
  std::optional<std::string> next_line(std::chrono::milliseconds limit = kLimit);
  // Reads both to their end.
  void read_to_end(std::chrono::milliseconds limit = kLimit);
  const std::string& all_out() const { return out_text_; }
  const std::string& all_err() const { return err_text_; }

 private:
  // One poll and read; false when both outputs are at their end.
  bool pump(std::chrono::steady_clock::time_point deadline);

  UniqueFd in_, out_, err_;
  OtherEnds other_ends_;
  std::string out_text_, err_text_;
  std::size_t next_line_at_ = 0;
};

// A program in the background. The destructor kills and reaps it.
class Program {
 public:
  Program(const std::vector<std::string>& arguments, const RunOptions& options,
          const Pipes::OtherEnds& stdio);
  Program(Program&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ~Program();

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Waits for its end; gives up at the limit.
  int wait(std::chrono::milliseconds limit = kLimit);

 private:
  pid_t pid_ = -1;
};

}  // namespace stasis::test
