#include "workloads/workload.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <sstream>

#include <fmt/format.h>

namespace stasis::workload {
namespace {

Registration* first_registration = nullptr;
std::mutex differences_lock;
std::string differences;

void say(std::string_view line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

int run(Workload& workload) {
  workload.set_up();
  say("ready");
  char trigger = 0;
  while (true) {
    const ssize_t count = read(STDIN_FILENO, &trigger, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count != 1) return count == 0 ? 0 : 1;
    differences.clear();
    workload.verify();
    say(differences.empty() ? "ok" : "differs:" + differences);
  }
}

}  // namespace

void differs(std::string_view text) {
  const std::lock_guard guard(differences_lock);
  differences += fmt::format(" {};", text);
}

void expect(bool condition, std::string_view what) {
  if (!condition) differs(what);
}

void expect_equal(std::string_view what, std::int64_t expected, std::int64_t actual) {
  if (expected != actual) differs(fmt::format("{}: expected {}, found {}", what, expected, actual));
}

void expect_equal(std::string_view what, std::string_view expected, std::string_view actual) {
  if (expected != actual)
    differs(fmt::format("{}: expected '{}', found '{}'", what, expected, actual));
}

std::int64_t must(std::int64_t result, std::string_view what) {
  if (result != -1) return result;
  fail(fmt::format("{}: {}", what, std::strerror(errno)));
}

int must_fd(std::int64_t result, std::string_view what) {
  return static_cast<int>(must(result, what));
}

void fail(std::string_view what) {
  fmt::print("cannot {}\n", what);
  std::fflush(stdout);
  std::_Exit(2);
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string status_field(const std::string& path, std::string_view key) {
  std::istringstream in(read_text("/proc/" + path + "/status"));
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':') continue;
    const auto start = line.find_first_not_of(" \t", key.size() + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

Registration::Registration(const char* its_name, Make its_make)
    : name(its_name), make(its_make), next(first_registration) {
  first_registration = this;
}

}  // namespace stasis::workload

int main(int argc, char** argv) {
  using stasis::workload::first_registration;
  for (auto* one = first_registration; one != nullptr; one = one->next) {
    if (argc == 1) std::puts(one->name);
    if (argc != 2 || std::string_view(one->name) != argv[1]) continue;
    // Ends without destructors: threads and children of the workload are still at work.
    std::_Exit(stasis::workload::run(*one->make()));
  }
  return argc == 1 ? 0 : 64;
}
