#include "peak_memory.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

[[noreturn]] void become(std::vector<char*> argv) {
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) dup2(null, fd);
  close(null);
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  execvp(argv.front(), argv.data());
  _exit(127);
}

long peak_of(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtol(line.c_str() + 6, nullptr, 10);
  }
  give_up("no VmHWM in /proc/PID/status");
}

// What to let the stopped process go on with: execve stops with SIGTRAP, which is not for it.
int signal_to_deliver(int status) {
  const int signal = WSTOPSIG(status);
  return signal == SIGTRAP || status >> 16 != 0 ? 0 : signal;
}

}  // namespace

long measure_peak_kib(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = must(fork(), "fork");
  if (pid == 0) become(argv);
  long peak = 0;
  for (bool first = true;; first = false) {
    int status = 0;
    must(waitpid(pid, &status, __WALL), "waitpid");
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (status != 0) give_up(arguments.front() + " failed while its memory was measured");
      return peak;
    }
    if (first) must(ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACEEXIT), "ptrace");
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) peak = peak_of(pid);
    must(ptrace(PTRACE_CONT, pid, nullptr, signal_to_deliver(status)), "ptrace");
  }
}

}  // namespace stasis::test
