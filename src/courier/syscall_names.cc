#include "courier/syscall_names.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <sys/syscall.h>

namespace stasis::courier {
namespace {

constexpr auto kNames = std::to_array<std::pair<long, const char*>>({
    {SYS_bind, "bind"},
    {SYS_brk, "brk"},
    {SYS_capset, "capset"},
    {SYS_chdir, "chdir"},
    {SYS_chroot, "chroot"},
    {SYS_clone, "clone"},
    {SYS_clone3, "clone3"},
    {SYS_close, "close"},
    {SYS_close_range, "close_range"},
    {SYS_connect, "connect"},
    {SYS_dup, "dup"},
    {SYS_dup2, "dup2"},
    {SYS_dup3, "dup3"},
    {SYS_epoll_ctl, "epoll_ctl"},
    {SYS_exit_group, "exit_group"},
    {SYS_fchdir, "fchdir"},
    {SYS_fcntl, "fcntl"},
    {SYS_flock, "flock"},
    {SYS_futex, "futex"},
    {SYS_getitimer, "getitimer"},
    {SYS_getsid, "getsid"},
    {SYS_ioctl, "ioctl"},
    {SYS_kill, "kill"},
    {SYS_listen, "listen"},
    {SYS_madvise, "madvise"},
    {SYS_membarrier, "membarrier"},
    {SYS_mlock, "mlock"},
    {SYS_mlock2, "mlock2"},
    {SYS_mlockall, "mlockall"},
    {SYS_mmap, "mmap"},
    {SYS_mprotect, "mprotect"},
    {SYS_mremap, "mremap"},
    {SYS_munmap, "munmap"},
    {SYS_openat, "openat"},
    {SYS_personality, "personality"},
    {SYS_ppoll, "ppoll"},
    {SYS_prctl, "prctl"},
    {SYS_pread64, "pread64"},
    {SYS_preadv, "preadv"},
    {SYS_prlimit64, "prlimit64"},
    {SYS_recvmsg, "recvmsg"},
    {SYS_rseq, "rseq"},
    {SYS_rt_sigaction, "rt_sigaction"},
    {SYS_rt_sigpending, "rt_sigpending"},
    {SYS_rt_sigprocmask, "rt_sigprocmask"},
    {SYS_rt_sigqueueinfo, "rt_sigqueueinfo"},
    {SYS_rt_sigtimedwait, "rt_sigtimedwait"},
    {SYS_rt_tgsigqueueinfo, "rt_tgsigqueueinfo"},
    {SYS_seccomp, "seccomp"},
    {SYS_sendmsg, "sendmsg"},
    {SYS_set_robust_list, "set_robust_list"},
    {SYS_set_tid_address, "set_tid_address"},
    {SYS_setfsgid, "setfsgid"},
    {SYS_setfsuid, "setfsuid"},
    {SYS_setgroups, "setgroups"},
    {SYS_setitimer, "setitimer"},
    {SYS_setns, "setns"},
    {SYS_setpgid, "setpgid"},
    {SYS_setpriority, "setpriority"},
    {SYS_setregid, "setregid"},
    {SYS_setresgid, "setresgid"},
    {SYS_setresuid, "setresuid"},
    {SYS_setsid, "setsid"},
    {SYS_setsockopt, "setsockopt"},
    {SYS_shmat, "shmat"},
    {SYS_sigaltstack, "sigaltstack"},
    {SYS_socket, "socket"},
    {SYS_socketpair, "socketpair"},
    {SYS_tgkill, "tgkill"},
    {SYS_timer_create, "timer_create"},
    {SYS_timer_delete, "timer_delete"},
    {SYS_timer_gettime, "timer_gettime"},
    {SYS_timer_settime, "timer_settime"},
    {SYS_umask, "umask"},
    {SYS_unshare, "unshare"},
    {SYS_userfaultfd, "userfaultfd"},
    {SYS_wait4, "wait4"},
});

}  // namespace

std::string syscall_name(long number) {
  for (const auto& [known, name] : kNames) {
    if (known == number) return name;
  }
  return fmt::format("system call {}", number);
}

}  // namespace stasis::courier
