#include "integration/support/observed_processes.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "integration/support/files.h"
#include "integration/support/program.h"

namespace stasis::test {
namespace {

constexpr std::array kKept{
    "TracerPid:", "Threads:", "SigBlk:", "SigIgn:", "SigCgt:", "CapEff:", "Seccomp:"};

std::vector<std::string> threads_of(pid_t pid) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
    found.push_back(entry.path().filename());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string kept_lines(const std::string& status) {
  std::string kept;
  for (const std::string& line : split_lines(status)) {
    const auto starts = [&](const char* name) { return line.starts_with(name); };
    if (std::any_of(kKept.begin(), kKept.end(), starts)) kept += line + "\n";
  }
  return kept;
}

// Of a thread that is not on its way; one that always computes is taken as it is.
std::string read_status_at_rest(const std::string& path) {
  constexpr int kTries = 20;
  std::string status = read_file(path);
  for (int i = 0; i < kTries && status.find("\nState:\tR") != std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    status = read_file(path);
  }
  return status;
}

}  // namespace

std::vector<pid_t> descendants_of(pid_t root) {
  std::vector<pid_t> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const std::string& tid : threads_of(found[i])) {
      std::istringstream children(
          read_file(fmt::format("/proc/{}/task/{}/children", found[i], tid)));
      for (pid_t child = 0; children >> child;) found.push_back(child);
    }
  }
  return found;
}

ObservedProcesses observe_processes(pid_t root) {
  ObservedProcesses seen;
  for (const pid_t pid : descendants_of(root)) {
    seen[fmt::format("{}/maps", pid)] = read_file(fmt::format("/proc/{}/maps", pid));
    for (const std::string& tid : threads_of(pid)) {
      seen[fmt::format("{}/{}", pid, tid)] =
          kept_lines(read_status_at_rest(fmt::format("/proc/{}/task/{}/status", pid, tid)));
    }
  }
  return seen;
}

ObservedProcesses observe_processes_until(pid_t root, const ObservedProcesses& before) {
  const auto end = std::chrono::steady_clock::now() + kLimit;
  auto seen = observe_processes(root);
  while (seen != before && std::chrono::steady_clock::now() < end) seen = observe_processes(root);
  return seen;
}

}  // namespace stasis::test
