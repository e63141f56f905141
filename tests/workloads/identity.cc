// Who a process is and what it may do: user and group ids, capabilities, securebits, no_new_privs
// and seccomp filters, which are per thread; and the attributes of prctl, the scheduler and the
// like.
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "workloads/helper.h"
#include "workloads/workload.h"

namespace stasis::workload {
namespace {

// The lines of /proc/self/task/TID/status that are a thread's own.
std::string thread_status(long tid) {
  std::string text;
  for (const char* key :
       {"Name", "Umask", "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb",
        "NoNewPrivs", "Seccomp", "Seccomp_filters", "SigBlk", "Cpus_allowed_list"}) {
    text += fmt::format("{} {}; ", key, status_field(fmt::format("self/task/{}", tid), key));
  }
  return text;
}

// A thread that makes itself what `become` says, and from then on looks at itself when asked.
class Actor {
 public:
  Actor(std::string name, std::function<void()> become) : name_(std::move(name)) {
    thread_ = std::thread([this, become = std::move(become)] {
      become();
      before_ = describe();
      while (true) {
        done_.release();
        ask_.acquire();
        expect_equal(name_, before_, describe());
      }
    });
    done_.acquire();
  }
  void check() {
    ask_.release();
    done_.acquire();
  }

 private:
  static std::string describe() {
    return thread_status(syscall(SYS_gettid)) +
           fmt::format("securebits {} keepcaps {} slack {} nice {} policy {} ioprio {}",
                       prctl(PR_GET_SECUREBITS), prctl(PR_GET_KEEPCAPS), prctl(PR_GET_TIMERSLACK),
                       getpriority(PRIO_PROCESS, 0), sched_getscheduler(0),
                       syscall(SYS_ioprio_get, 1, 0));
  }
  std::string name_, before_;
  std::binary_semaphore ask_{0}, done_{0};
  std::thread thread_;
};

// The raw calls change one thread only.
class Credentials : public Workload {
 public:
  void set_up() override {
    actors_.push_back(std::make_unique<Actor>("root", [] {}));
    actors_.push_back(std::make_unique<Actor>("another user", [] {
      const std::array<gid_t, 3> groups = {5, 7, 1000};
      must(syscall(SYS_setgroups, groups.size(), groups.data()), "setgroups");
      must(syscall(SYS_setresgid, 1001, 1002, 1003), "setresgid");
      must(syscall(SYS_setresuid, 2001, 2002, 2003), "setresuid");
    }));
    actors_.push_back(std::make_unique<Actor>("a user who kept capabilities", [] {
      must(prctl(PR_SET_KEEPCAPS, 1), "keep capabilities");
      must(syscall(SYS_setresuid, 3001, 3001, 3001), "setresuid");
      must(syscall(SYS_setfsgid, 77), "setfsgid");
    }));
    actors_.push_back(std::make_unique<Actor>("securebits", [] {
      must(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_NOROOT_LOCKED | SECBIT_NOROOT),
           "set securebits");
      must(prctl(PR_CAPBSET_DROP, 12), "drop CAP_NET_ADMIN");
    }));
  }
  void verify() override {
    for (const auto& actor : actors_) actor->check();
  }

 private:
  std::vector<std::unique_ptr<Actor>> actors_;
};

STASIS_WORKLOAD(Credentials, "credentials");

class Scheduling : public Workload {
 public:
  void set_up() override {
    actors_.push_back(std::make_unique<Actor>(
        "nice", [] { must(setpriority(PRIO_PROCESS, 0, 5), "setpriority"); }));
    actors_.push_back(std::make_unique<Actor>("batch", [] {
      const sched_param parameters{};
      must(sched_setscheduler(0, SCHED_BATCH, &parameters), "sched_setscheduler");
      must(prctl(PR_SET_TIMERSLACK, 123456), "set the timer slack");
    }));
    actors_.push_back(std::make_unique<Actor>("idle", [] {
      const sched_param parameters{};
      must(sched_setscheduler(0, SCHED_IDLE, &parameters), "sched_setscheduler");
    }));
    actors_.push_back(std::make_unique<Actor>("one cpu", [] {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(0, &set);
      must(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
      must(syscall(SYS_ioprio_set, 1, 0, (2 << 13) | 6), "ioprio_set");
    }));
  }
  void verify() override {
    for (const auto& actor : actors_) actor->check();
  }

 private:
  std::vector<std::unique_ptr<Actor>> actors_;
};

STASIS_WORKLOAD(Scheduling, "scheduling");

class Attributes : public Workload {
 public:
  void set_up() override {
    must(prctl(PR_SET_NAME, "odd ) name\n"), "name");
    must(prctl(PR_SET_PDEATHSIG, SIGUSR2), "set the parent-death signal");
    must(prctl(PR_SET_CHILD_SUBREAPER, 1), "become a subreaper");
    must(prctl(PR_SET_DUMPABLE, 0), "set dumpable");
    must(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), "disable huge pages");
    must(personality(ADDR_NO_RANDOMIZE), "personality");
    must(mkdir("/tmp/work", 0755) == 0 || errno == EEXIST ? 0 : -1, "mkdir");
    must(chdir("/tmp/work"), "chdir");
    umask(0137);
    std::ofstream("/proc/self/oom_score_adj") << 321;
    before_ = describe();
  }
  void verify() override { expect_equal("attributes", before_, describe()); }

 private:
  static std::string describe() {
    int signal_number = 0, subreaper = 0;
    prctl(PR_GET_PDEATHSIG, &signal_number);
    prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    std::array<char, 16> name{};
    prctl(PR_GET_NAME, name.data());
    const mode_t mask = umask(0);
    umask(mask);
    std::array<char, 4096> here{};
    must(getcwd(here.data(), here.size()) == nullptr ? -1 : 0, "getcwd");
    return fmt::format(
        "name {} pdeathsig {} subreaper {} dumpable {} thp {} personality {:x} umask {:o} "
        "cwd {} oom_score_adj {}",
        name.data(), signal_number, subreaper, prctl(PR_GET_DUMPABLE),
        prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), personality(0xffffffff), mask, here.data(),
        read_text("/proc/self/oom_score_adj"));
  }
  std::string before_;
};

STASIS_WORKLOAD(Attributes, "attributes");

class Rlimits : public Workload {
 public:
  void set_up() override {
    lower(RLIMIT_NOFILE, 200, 300);
    lower(RLIMIT_CORE, 0, 4096);
    lower(RLIMIT_STACK, 4 << 20, 6 << 20);
    lower(RLIMIT_CPU, 3000, 4000);
    before_ = describe();
  }
  void verify() override { expect_equal("limits", before_, describe()); }

 private:
  static void lower(__rlimit_resource which, rlim_t soft, rlim_t hard) {
    rlimit now{};
    must(getrlimit(which, &now), "getrlimit");
    const rlimit wanted{std::min(soft, now.rlim_max), std::min(hard, now.rlim_max)};
    must(setrlimit(which, &wanted), "setrlimit");
  }
  static std::string describe() { return read_text("/proc/self/limits"); }
  std::string before_;
};

STASIS_WORKLOAD(Rlimits, "rlimits");

// Two filters, one over the other, and a thread of its own with a third.
class Seccomp : public Workload {
 public:
  void set_up() override {
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs");
    fail_call(SYS_getppid, 99);
    fail_call(SYS_getuid, 98);
    actor_ = std::make_unique<Actor>("a thread with a filter of its own",
                                     [] { fail_call(SYS_getgid, 97); });
    status_ = thread_status(getpid());
  }
  void verify() override {
    expect_equal("status", status_, thread_status(getpid()));
    expect_equal("getppid", 99, syscall(SYS_getppid) == -1 ? errno : 0);
    expect_equal("getuid", 98, syscall(SYS_getuid) == -1 ? errno : 0);
    expect_equal("getgid", 0, syscall(SYS_getgid) == -1 ? errno : 0);
    actor_->check();
  }

 private:
  static void fail_call(int number, unsigned error) {
    std::array<sock_filter, 4> code = {
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog program{code.size(), code.data()};
    must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
  }
  std::unique_ptr<Actor> actor_;
  std::string status_;
};

STASIS_WORKLOAD(Seccomp, "seccomp");

// A process whose root directory is not that of the container.
class Chroot : public Workload {
 public:
  void set_up() override {
    for (const char* path : {"/tmp/jail", "/tmp/jail/inner"})
      must(mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -1, "mkdir");
    std::ofstream("/tmp/jail/file") << "inside";
    helper_ = std::make_unique<Helper>([entered = false](char question) mutable -> std::int64_t {
      if (!entered) {
        must(chroot("/tmp/jail"), "chroot");
        must(chdir("/inner"), "chdir");
        entered = true;
      }
      std::array<char, 4096> here{};
      must(getcwd(here.data(), here.size()) == nullptr ? -1 : 0, "getcwd");
      if (question == 'c') return std::string_view(here.data()) == "/inner" ? 1 : 0;
      return read_text("/file") == "inside" ? 1 : 0;
    });
    helper_->ask('c');
  }
  void verify() override {
    expect_equal("working directory in the jail", 1, helper_->ask('c'));
    expect_equal("file at the jail's root", 1, helper_->ask('f'));
  }

 private:
  std::unique_ptr<Helper> helper_;
};

STASIS_WORKLOAD(Chroot, "chroot");

}  // namespace
}  // namespace stasis::workload
