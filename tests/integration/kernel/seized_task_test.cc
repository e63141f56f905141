// Stopping a task that is busy.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include <gtest/gtest.h>

#include "integration/kernel/forked_program.h"
#include "proc/proc_dir.h"
#include "proc/tasks.h"
#include "sys/ptrace.h"
#include "trace/seized_task.h"

namespace stasis::trace {
namespace {

// The kernel attaches the children that it makes while it is traced; letting them go is enough.
void let_children_go(const proc::ProcDir& dir) {
  const auto children = proc::read_children(dir);
  ASSERT_TRUE(children) << children.error().message();
  for (const HostPid child : *children) SeizedTask::adopt(child);
}

// A millisecond or so: for the tables of many small pages.
void make_fork_slow() {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  void* memory =
      ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) ::_exit(1);
  ::madvise(memory, kBytes, MADV_NOHUGEPAGE);
  std::memset(memory, 1, kBytes);
}

void spin(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

TEST(SeizedTask, StopsWhileItMakesProcesses) {
  constexpr std::chrono::seconds kPatience(5);
  test::ForkedProgram program({.set_up = make_fork_slow,
                               .answer = [](char) { return 0; },
                               .busy =
                                   [] {
                                     const pid_t child = ::fork();
                                     if (child == 0) ::_exit(0);
                                     ::waitpid(child, nullptr, __WALL);
                                   }});
  const auto dir = proc::ProcDir::open_task(program.pid(), program.pid());
  ASSERT_TRUE(dir) << dir.error().message();
  for (int round = 0; round < 100; ++round) {
    ASSERT_TRUE(sys::ptrace::seize(program.pid(), sys::ptrace::kTraceForks));
    auto task = SeizedTask::adopt(program.pid());
    // Another part of the way to the stop in which it reports the new process.
    spin(std::chrono::microseconds(20 * round));
    ASSERT_TRUE(sys::ptrace::interrupt(program.pid()));
    const auto stopped = task.wait_stopped(std::chrono::steady_clock::now() + kPatience);
    ASSERT_TRUE(stopped) << "round " << round << ": " << stopped.error().message();
    let_children_go(*dir);
    ASSERT_TRUE(std::move(task).detach());
  }
  EXPECT_EQ(program.ask('?'), 0);
}

}  // namespace
}  // namespace stasis::trace
