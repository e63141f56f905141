#include "integration/support/sandbox.h"

#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/unique_fd.h"
#include "integration/support/cgroups.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

int exit_status_of(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) give_up_errno("waitpid");
  }
  return exit_status_of(status);
}

pid_t fork_dying_with_parent() {
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t child = must(fork(), "fork");
  if (child != 0) return child;
  must(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl PR_SET_PDEATHSIG");
  // Inside a new pid namespace the parent is seen as 0; otherwise it may have died just before.
  if (getppid() != parent && getppid() != 0) _exit(1);
  return 0;
}

void mount_over(const char* type, const char* path, const char* options) {
  must(mount(type, path, type, MS_NOSUID | MS_NODEV, options), fmt::format("mounting {}", path));
}

void bring_loopback_up() {
  const UniqueFd socket_fd(must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  must(ioctl(socket_fd.get(), SIOCSIFFLAGS, &request), "bringing lo up");
}

void set_up_namespaces(const std::vector<Hierarchy>& hierarchies) {
  must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "making / private");
  mount_over("proc", "/proc", nullptr);
  mount_over("tmpfs", "/run", "mode=0755");
  mount_over("tmpfs", "/dev/shm", "mode=1777");
  remount_cgroups(hierarchies);
  must(sethostname("sandbox", 7), "sethostname");
  bring_loopback_up();
}

int run_init(const std::vector<Hierarchy>& hierarchies, const std::function<int()>& body) {
  set_up_namespaces(hierarchies);
  const pid_t main = fork_dying_with_parent();
  if (main == 0) {
    const int status = body();
    std::fflush(nullptr);
    _exit(status);
  }
  while (true) {
    int status = 0;
    const pid_t ended = wait(&status);
    if (ended == main) return exit_status_of(status);
    if (ended < 0 && errno != EINTR) give_up_errno("wait");
  }
}

}  // namespace

int run_in_sandbox(const std::function<int()>& body) {
  const auto hierarchies = find_hierarchies();
  const auto cgroups = make_own_cgroups(hierarchies);
  const pid_t guard = fork_dying_with_parent();
  if (guard == 0) {
    enter_cgroups(cgroups);
    must(unshare(CLONE_NEWCGROUP | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
                 CLONE_NEWUTS),
         "unshare");
    enter_v2_leaf(hierarchies, cgroups);
    const pid_t init = fork_dying_with_parent();
    if (init == 0) _exit(run_init(hierarchies, body));
    _exit(wait_for(init));
  }
  const int status = wait_for(guard);
  for (const std::string& directory : cgroups) remove_cgroup_tree(directory);
  return status;
}

}  // namespace stasis::test
