// What the commands of a container's life cost in stasis, crun and runc, interleaved in one run,
// and what the kernel alone costs: clone into the same namespaces, execve of the same program,
// wait. bench/README.md tells how to read the table.
//   bench_startup [ROUNDS]        default: 40
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/unique_fd.h"
#include "integration/support/bundle.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/sandbox.h"
#include "integration/support/stop_watch.h"
#include "support/peak_memory.h"

namespace stasis::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDirectory = "/run/bench";
constexpr std::array kCommands{"run", "create", "start", "delete", "exec"};

using Arguments = std::vector<std::string>;

struct Peer {
  std::string name;
  std::string program;
  std::map<std::string, std::vector<double>> times;  // by command
  std::map<std::string, long> peak_kib;              // by command

  Arguments command(const Arguments& rest) const {
    Arguments all{program, "--root", fmt::format("{}/{}", kDirectory, name)};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }
};

pid_t spawn(const Arguments& arguments) {
  std::vector<char*> argv;
  for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  for (int fd = 0; fd < 2; ++fd) {  // errors are to be seen
    posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_RDWR, 0);
  }
  pid_t pid = 0;
  if (posix_spawnp(&pid, argv.front(), &quiet, nullptr, argv.data(), environ) != 0) {
    give_up("cannot start " + arguments.front());
  }
  posix_spawn_file_actions_destroy(&quiet);
  return pid;
}

double time_of(const Arguments& arguments) {
  const StopWatch watch;
  int status = 0;
  must(waitpid(spawn(arguments), &status, 0), "waitpid");
  if (status != 0) give_up(fmt::format("failed: {}", fmt::join(arguments, " ")));
  return watch.milliseconds();
}

// The kernel's part, as the runtimes need it: new namespaces, another program, its end.
double floor_of(const std::string& program) {
  const StopWatch watch;
  constexpr unsigned long kNamespaces =
      CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET;
  const long pid = must(syscall(SYS_clone, kNamespaces | SIGCHLD, 0, 0, 0, 0), "clone");
  if (pid == 0) {
    execl(program.c_str(), program.c_str(), nullptr);
    _exit(127);
  }
  must(waitpid(static_cast<pid_t>(pid), nullptr, 0), "waitpid");
  return watch.milliseconds();
}

// The container's own process, which is nobody's child here, has ended.
void wait_for_end(const std::string& pid_file) {
  const int pid = std::atoi(read_file(pid_file).c_str());
  const UniqueFd handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd ends{.fd = handle.get(), .events = POLLIN, .revents = 0};
  if (handle) must(poll(&ends, 1, -1), "poll");  // else it has been reaped already
}

class Bench {
 public:
  explicit Bench(std::vector<Peer> peers)
      : peers_(std::move(peers)),
        short_(bundle("short", {"/tiny"})),
        long_(bundle("long", {"/tiny", "wait"})) {}

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      floor_.push_back(floor_of(short_.rootfs() + "/tiny"));
      for (Peer& peer : peers_) measure(peer);
    }
    for (Peer& peer : peers_) measure_memory(peer);
  }
  void print();

 private:
  static Bundle bundle(const std::string& name, const Arguments& arguments) {
    Bundle made(Runtime(kDirectory), fmt::format("{}/{}", kDirectory, name));
    made.add_file(Runtime::built("bench_tiny"), "/tiny");
    made.set_arguments(arguments);
    // What the peers' releases in Debian 12 take without a word.
    made.config["ociVersion"] = "1.0.2";
    auto& capabilities = made.config["process"]["capabilities"];
    capabilities.erase("ambient");
    capabilities.erase("inheritable");
    made.save();
    return made;
  }

  // Each command of a container's life once, by `with`(command, arguments).
  template <class With>
  void live(const Peer& peer, With with) const {
    const std::string pid_file = fmt::format("{}/{}.pid", kDirectory, peer.name);
    with("run", {"run", "--bundle", short_.directory(), "a"});
    with("create", {"create", "--bundle", short_.directory(), "--pid-file", pid_file, "b"});
    with("start", {"start", "b"});
    wait_for_end(pid_file);
    with("delete", {"delete", "b"});
    time_of(peer.command({"run", "--detach", "--bundle", long_.directory(), "c"}));
    with("exec", {"exec", "c", "/tiny"});
    time_of(peer.command({"delete", "--force", "c"}));
  }

  void measure(Peer& peer) const {
    live(peer, [&](const char* command, const Arguments& rest) {
      peer.times[command].push_back(time_of(peer.command(rest)));
    });
  }

  void measure_memory(Peer& peer) const {
    live(peer, [&](const char* command, const Arguments& rest) {
      peer.peak_kib[command] = measure_peak_kib(peer.command(rest));
    });
  }

  std::vector<Peer> peers_;
  Bundle short_, long_;
  std::vector<double> floor_;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Bench::print() {
  fmt::print("clone, execve, wait: {:.2f} ms\n\n", median(floor_));
  fmt::print("{:>8} |", "ms");
  for (const Peer& peer : peers_) fmt::print(" {:>8}", peer.name);
  for (std::size_t i = 1; i < peers_.size(); ++i) fmt::print(" | of {:<5}", peers_[i].name);
  fmt::print(" |");
  for (const Peer& peer : peers_) fmt::print(" {:>6} KiB", peer.name);
  fmt::print("\n");
  for (const char* command : kCommands) {
    fmt::print("{:>8} |", command);
    for (Peer& peer : peers_) fmt::print(" {:>8.2f}", median(peer.times[command]));
    const double own = median(peers_.front().times[command]);
    for (std::size_t i = 1; i < peers_.size(); ++i) {
      fmt::print(" | {:>7.0f}%", 100 * own / median(peers_[i].times[command]));
    }
    fmt::print(" |");
    for (Peer& peer : peers_) fmt::print(" {:>10}", peer.peak_kib[command]);
    fmt::print("\n");
  }
}

int run(int rounds) {
  // crun 1.8 refuses machines with v1 hierarchies and v2 controllers: v1 alone, for all of them.
  umount2("/sys/fs/cgroup/unified", MNT_DETACH);
  fs::create_directories(kDirectory);
  std::vector<Peer> peers{{.name = "stasis", .program = Runtime::binary()}};
  for (const char* name : {"crun", "runc"}) {
    if (exists(fmt::format("/usr/bin/{}", name)) || exists(fmt::format("/usr/sbin/{}", name))) {
      peers.push_back({.name = name, .program = name});
    }
  }
  Bench bench(std::move(peers));
  bench.run(rounds);
  bench.print();
  fs::remove_all(kDirectory);
  return 0;
}

}  // namespace
}  // namespace stasis::test

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 40;
  return stasis::test::run_in_sandbox([&] { return stasis::test::run(rounds); });
}
