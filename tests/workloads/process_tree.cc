// A process tree with everything that parentage, sessions and groups can be: children in their own
// groups and sessions, orphans that were adopted, groups and sessions whose leader is dead, and
// zombies with exit statuses.
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

std::int64_t identity(char question) {
  switch (question) {
    case 'p':
      return getpid();
    case 'P':
      return getppid();
    case 'g':
      return getpgid(0);
    case 's':
      return getsid(0);
    default:
      return -1;
  }
}

// Pipes for a process that is no child of ours; the intermediate processes pass them on.
struct Line {
  std::array<int, 2> to{}, from{};
  Line() {
    must(pipe(to.data()), "pipe");
    must(pipe(from.data()), "pipe");
  }
  // Without the ends of other processes, so that each sees the end of its own.
  void serve() const {
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    close_range(STDERR_FILENO, ~0U, 0);
    Helper::serve(STDIN_FILENO, STDOUT_FILENO, identity);
  }
};

class ProcessTree : public Workload {
 public:
  void set_up() override {
    must(prctl(PR_SET_CHILD_SUBREAPER, 1), "become a subreaper");
    add("child", [] {});
    add("group leader", [] { setpgid(0, 0); });
    add("session leader", [] { setsid(); });
    add_below(
        "orphan", [] {}, [] {});
    add_below(
        "orphan of a dead group leader", [] { setpgid(0, 0); }, [] {});
    add_below(
        "orphan of a dead session leader", [] { setsid(); }, [] {});
    add_below(
        "group in a session whose leader is dead", [] { setsid(); }, [] { setpgid(0, 0); });
    zombies_.push_back({start_zombie([] { _exit(7); }), CLD_EXITED, 7});
    zombies_.push_back({start_zombie([] { kill_self(SIGKILL); }), CLD_KILLED, SIGKILL});
    zombies_.push_back({start_zombie([] {
                          setsid();
                          _exit(0);
                        }),
                        CLD_EXITED, 0});
  }

  void verify() override {
    for (const Member& member : members_) {
      for (std::size_t index = 0; index < kQuestions.size(); ++index) {
        expect_equal(fmt::format("{}: {}", member.name, kQuestions[index]), member.answers[index],
                     member.helper.ask(kQuestions[index]));
      }
    }
    for (const Zombie& zombie : zombies_) {
      siginfo_t info{};
      must(waitid(P_PID, static_cast<id_t>(zombie.pid), &info, WEXITED | WNOHANG | WNOWAIT),
           "waitid");
      expect_equal("zombie pid", zombie.pid, info.si_pid);
      expect_equal("zombie code", zombie.code, info.si_code);
      expect_equal("zombie status", zombie.status, info.si_status);
    }
    expect_equal("own parent", parent_, getppid());
  }

 private:
  static constexpr std::array kQuestions = {'p', 'P', 'g', 's'};
  struct Member {
    std::string name;
    Helper helper;
    std::array<std::int64_t, kQuestions.size()> answers;
  };
  struct Zombie {
    pid_t pid;
    int code, status;
  };

  static void kill_self(int number) {
    kill(getpid(), number);
    pause();
  }

  void remember(const std::string& name, const Helper& helper) {
    Member member{name, helper, {}};
    for (std::size_t index = 0; index < kQuestions.size(); ++index)
      member.answers[index] = helper.ask(kQuestions[index]);
    members_.push_back(member);
  }

  template <class Become>
  void add(const std::string& name, Become become) {
    const Line line;
    const pid_t pid = static_cast<pid_t>(must(fork(), "fork"));
    if (pid == 0) {
      become();
      line.serve();
      _exit(0);
    }
    finish(name, pid, line);
  }

  // A process whose parent, having become what `leader` makes it, is dead and reaped.
  template <class Leader, class Become>
  void add_below(const std::string& name, Leader leader, Become become) {
    const Line line;
    const pid_t parent = static_cast<pid_t>(must(fork(), "fork"));
    if (parent == 0) {
      leader();
      const pid_t dying = getpid();
      if (fork() == 0) {
        become();
        while (getppid() == dying) usleep(1000);
        line.serve();
      }
      _exit(0);
    }
    must(waitpid(parent, nullptr, 0), "waitpid");
    finish(name, -1, line);
  }

  void finish(const std::string& name, pid_t pid, const Line& line) {
    close(line.to[0]);
    close(line.from[1]);
    remember(name, Helper(pid, line.to[1], line.from[0]));
  }

  template <class Body>
  static pid_t start_zombie(Body body) {
    const pid_t pid = static_cast<pid_t>(must(fork(), "fork"));
    if (pid == 0) body();
    siginfo_t info{};
    must(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), "waitid");
    return pid;
  }

  std::vector<Member> members_;
  std::vector<Zombie> zombies_;
  pid_t parent_ = getppid();
};

STASIS_WORKLOAD(ProcessTree, "process_tree");

// More processes than fit one screen.
class ManyProcesses : public Workload {
 public:
  void set_up() override {
    for (int index = 0; index < 40; ++index) helpers_.emplace_back(identity);
  }
  void verify() override {
    for (const Helper& helper : helpers_) {
      expect_equal("pid", helper.pid(), helper.ask('p'));
      expect_equal("parent", getpid(), helper.ask('P'));
    }
  }

 private:
  std::vector<Helper> helpers_;
};

STASIS_WORKLOAD(ManyProcesses, "many_processes");

// A child that SIGSTOP has stopped stays so, and goes on with SIGCONT.
class StoppedProcess : public Workload {
 public:
  void set_up() override { stop(); }

  void verify() override {
    // It may have been let go to stop, and not have come to do so.
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (state() == "R" && std::chrono::steady_clock::now() < limit) sched_yield();
    expect_equal("state", "T", state());
    must(kill(helper_.pid(), SIGCONT), "kill");
    expect_equal("pid", helper_.pid(), helper_.ask('p'));
    stop();
  }

 private:
  std::string state() const {
    const std::string stat = read_text(fmt::format("/proc/{}/stat", helper_.pid()));
    return stat.substr(stat.rfind(')') + 2, 1);
  }
  void stop() const {
    must(kill(helper_.pid(), SIGSTOP), "kill");
    siginfo_t info{};
    must(waitid(P_PID, static_cast<id_t>(helper_.pid()), &info, WSTOPPED), "waitid");
  }
  Helper helper_{identity};
};

STASIS_WORKLOAD(StoppedProcess, "stopped_process");

}  // namespace
}  // namespace stasis::workload
