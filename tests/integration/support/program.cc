#include "integration/support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using Clock = std::chrono::steady_clock;

int remaining_ms(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

std::pair<UniqueFd, UniqueFd> make_pipe() {
  std::array<int, 2> ends{};
  must(pipe2(ends.data(), O_CLOEXEC), "pipe2");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<char*> c_strings(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Reads once; resets `fd` at the end of the stream.
void read_some(UniqueFd& fd, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t count = read(fd.get(), buffer.data(), buffer.size());
  if (count > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  } else if (count == 0) {
    fd.reset();
  } else if (errno != EINTR && errno != EAGAIN) {
    give_up_errno("reading a program's output");
  }
}

}  // namespace

Pipes::Pipes() {
  std::tie(other_ends_.in, in_) = make_pipe();
  std::tie(out_, other_ends_.out) = make_pipe();
  std::tie(err_, other_ends_.err) = make_pipe();
}

void Pipes::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(in_.get(), text.data(), text.size());
    if (count < 0 && errno == EPIPE) return;  // the reader's end shows in its output and status
    text.remove_prefix(static_cast<std::size_t>(must(count, "writing to a program")));
  }
}

bool Pipes::pump(Clock::time_point deadline) {
  if (!out_ && !err_) return false;
  std::array<pollfd, 2> waits{pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0}};
  const int ready = poll(waits.data(), waits.size(), remaining_ms(deadline));
  if (ready < 0 && errno == EINTR) return true;
  if (ready == 0) {
    give_up(fmt::format("waited too long for output; so far:\n{}\nand on stderr:\n{}", out_text_,
                        err_text_));
  }
  if (waits[0].revents != 0) read_some(out_, out_text_);
  if (waits[1].revents != 0) read_some(err_, err_text_);
  return true;
}

std::optional<std::string> Pipes::next_line(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (true) {
    const auto end = out_text_.find('\n', next_line_at_);
    if (end != std::string::npos) {
      const std::string line = out_text_.substr(next_line_at_, end - next_line_at_);
      next_line_at_ = end + 1;
      return line;
    }
    if (!out_ || !pump(deadline)) return std::nullopt;
  }
}

void Pipes::read_to_end(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (pump(deadline)) {
  }
}

Program::Program(const std::vector<std::string>& arguments, const RunOptions& options,
                 const Pipes::OtherEnds& stdio) {
  const auto argv = c_strings(arguments);
  std::vector<std::string> environment = options.environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  const auto envp = c_strings(environment);
  // Nothing else in this line: what it makes on the stack would be there, and gone, twice.
  pid_ = vfork();
  if (pid_ != 0) {
    must(pid_, "vfork");
    return;
  }
  setsid();
  ::signal(SIGPIPE, SIG_DFL);
  dup2(stdio.in.get(), 0);
  dup2(stdio.out.get(), 1);
  dup2(stdio.err.get(), 2);
  if (options.directory.empty() || chdir(options.directory.c_str()) == 0)
    execvpe(argv[0], argv.data(), envp.data());
  static constexpr std::string_view kText = "cannot start the program\n";
  [[maybe_unused]] const ssize_t ignored = ::write(2, kText.data(), kText.size());
  _exit(127);
}

Program::~Program() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Program::signal(int number) const { must(kill(pid_, number), "kill"); }

int Program::wait(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  const UniqueFd handle(static_cast<int>(must(syscall(SYS_pidfd_open, pid_, 0), "pidfd_open")));
  pollfd waits{handle.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = poll(&waits, 1, remaining_ms(deadline))) < 0 && errno == EINTR) {
  }
  if (ready == 0) give_up(fmt::format("pid {} did not end in time", pid_));
  int status = 0;
  must(waitpid(std::exchange(pid_, -1), &status, 0), "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Finished run_program(const std::vector<std::string>& arguments, const RunOptions& options) {
  Pipes pipes;
  auto program = [&] { return Program(arguments, options, pipes.take_other_ends()); }();
  pipes.write(options.input);
  pipes.close_input();
  pipes.read_to_end(options.limit);
  const int status = program.wait(options.limit);
  return {status, pipes.all_out(), pipes.all_err()};
}

}  // namespace stasis::test
