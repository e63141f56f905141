#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/parse.h"
#include "runtime/process_plan.h"
#include "sys/access.h"
#include "sys/child_process.h"
#include "sys/credentials.h"
#include "sys/file.h"
#include "sys/node.h"
#include "sys/process_settings.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::string_view find_variable(const std::vector<std::string>& env, std::string_view name) {
  for (const std::string& one : env) {
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') {
      return std::string_view(one).substr(name.size() + 1);
    }
  }
  return {};
}

// Callers match on these words, so they are the C library's and not errno names.
std::string_view reason(int error_number) {
  switch (error_number) {
    case ENOENT:
      return "no such file or directory";
    case EACCES:
      return "permission denied";
    case ENOEXEC:
      return "exec format error";
    case EISDIR:
      // execve(2) itself says EACCES; dockerd 20 makes exit status 126 of the first words, and
      // newer ones of the last.
      return "permission denied: is a directory";
    case ELOOP:
      return "too many levels of symbolic links";
    case ENOTDIR:
      return "not a directory";
    default:
      return {};
  }
}

Error in_words(std::string_view what, const Error& error) {
  const std::string_view known = reason(error.error_number());
  return Error(
      error.kind(),
      fmt::format("{}: {}", what, known.empty() ? errno_name(error.error_number()) : known),
      error.error_number());
}

Error exec_error(const std::string& path, const Error& error) {
  return in_words("exec " + path, error);
}

Result<void> check_executable(const std::string& path) {
  STASIS_ASSIGN(const struct stat st, sys::stat_at(sys::kCwd, path));
  if (S_ISDIR(st.st_mode)) return Error::from_errno("stat", EISDIR);
  return sys::check_access(path, X_OK);
}

// What the root filesystem says about itself. Until become(), the process has descriptors that lead
// to the host: no path may go through /proc/self/fd, and none does that is opened like this.
Result<UniqueFd> open_inside(const std::string& path, int flags) {
  STASIS_ASSIGN(const UniqueFd root, sys::open("/", O_PATH | O_DIRECTORY));
  return sys::open_in_root(root.get(), path, flags);
}

std::string read_passwd() {
  // Whatever it is: one that cannot be read names nobody.
  const auto file = open_inside("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return {};
  return sys::read_all(file->get()).value_or("");
}

Result<void> enter_directory(const std::string& path) {
  const auto directory = open_inside(path, O_PATH | O_DIRECTORY);
  const auto entered =
      directory ? sys::change_dir_to(directory->get()) : Result<void>(directory.error());
  if (!entered) return in_words(fmt::format("process.cwd: chdir '{}'", path), entered.error());
  return {};
}

// The process reopens /dev/stdout and the like under its own user. Never the host's devices: they
// belong to everybody.
void give_standard_files(std::uint32_t uid) {
  for (int fd = 0; fd < 3; ++fd) {
    const auto st = sys::stat_fd(fd);
    if (!st || st->st_uid == uid || S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) continue;
    // Read-only file systems, ids that the user namespace does not map: the descriptor still works.
    static_cast<void>(sys::set_owner(fd, uid, st->st_gid));
  }
}

}  // namespace

std::string home_in_passwd(std::string_view passwd, std::uint32_t uid) {
  for (const auto line : split_lines(passwd)) {
    const auto fields = split(line, ':');
    if (fields.size() >= 6 && parse_number<std::uint32_t>(fields[2]) == uid && !fields[5].empty()) {
      return std::string(fields[5]);
    }
  }
  return "/";
}

Result<std::string> find_executable(const std::string& name, const std::vector<std::string>& env) {
  if (name.find('/') != std::string::npos) {
    if (const auto usable = check_executable(name); !usable)
      return exec_error(name, usable.error());
    return name;
  }
  bool forbidden = false;
  for (const auto directory : split(find_variable(env, "PATH"), ':')) {
    const std::string path = fmt::format("{}/{}", directory.empty() ? "." : directory, name);
    const auto usable = check_executable(path);
    if (usable) return path;
    forbidden = forbidden || usable.error().error_number() == EACCES;
  }
  if (forbidden) return fail(ErrorKind::kKernel, "exec {}: permission denied", name);
  return fail(ErrorKind::kNotFound, "exec {}: executable file not found in $PATH", name);
}

Result<ProcessEntry> ProcessEntry::prepare(const ProcessPlan& plan) {
  ProcessEntry entry(plan);
  entry.env_ = plan.env;
  if (find_variable(plan.env, "HOME").empty()) {
    entry.env_.push_back("HOME=" + home_in_passwd(read_passwd(), plan.uid));
  }
  // As root, which may enter what is closed to the user. On some file systems it is the other way
  // round.
  auto entered = enter_directory(plan.cwd);
  entry.entered_ = entered.has_value();
  if (!entered && entered.error().error_number() != EACCES) return std::move(entered.error());
  STASIS_ASSIGN(entry.executable_, find_executable(plan.args.front(), entry.env_));
  return entry;
}

// Where setgroups(2) is denied (user_namespaces(7)) nobody could have more groups than it had.
Result<void> ProcessEntry::take_groups() const {
  auto set = sys::set_groups(plan_->groups);
  if (set || !plan_->user_namespace || set.error().error_number() != EPERM) return set;
  if (plan_->groups.empty()) return {};
  return std::move(set).context("process.user.additionalGids: the user namespace denies setgroups");
}

Result<void> ProcessEntry::take_identity() const {
  const CapabilityPlan& caps = plan_->capabilities;
  give_standard_files(plan_->uid);
  STASIS_TRY(sys::limit_bounding_set(caps.bounding));
  STASIS_TRY(sys::set_keep_capabilities(1));
  STASIS_TRY(take_groups());
  STASIS_TRY(sys::set_gid(plan_->gid));
  STASIS_TRY(sys::set_uid(plan_->uid));
  STASIS_TRY(sys::set_keep_capabilities(0));
  if (!entered_) STASIS_TRY(enter_directory(plan_->cwd));
  STASIS_TRY(sys::set_capabilities({caps.effective, caps.permitted, caps.inheritable})
                 .context("process.capabilities: effective ones must be permitted too, and "
                          "inheritable ones bounding"));
  if (caps.ambient != 0) STASIS_TRY(sys::set_ambient(caps.ambient));
  return {};
}

Result<void> ProcessEntry::load_seccomp() const {
  // One with a listener is there already.
  if (!plan_->seccomp || plan_->seccomp->listener) return {};
  STASIS_ASSIGN(const UniqueFd listener,
                sys::load_seccomp_filter(plan_->seccomp->instructions, plan_->seccomp->flags));
  return {};
}

Result<void> ProcessEntry::become(int kept_fd) const {
  sys::set_umask(plan_->umask);
  sys::reset_signal_actions();
  sigset_t none{};
  sigemptyset(&none);
  STASIS_TRY(sys::set_signal_mask(none));
  if (plan_->confinement) STASIS_TRY(confine_on_exec(*plan_->confinement));
  STASIS_TRY(sys::close_all_from(3 + plan_->passed_fds, static_cast<unsigned>(kept_fd)));
  STASIS_TRY(limit_own_descriptors(plan_->rlimits));
  // Before any filter: profiles refuse the call, as a program could undo hardening with it.
  if (plan_->personality) STASIS_TRY(sys::set_personality(*plan_->personality));
  // Without no_new_privs only a privileged process may load a filter: before it drops everything.
  if (plan_->no_new_privileges) {
    STASIS_TRY(sys::set_no_new_privs());
    STASIS_TRY(take_identity());
    return load_seccomp();
  }
  STASIS_TRY(load_seccomp());
  return take_identity();
}

Error ProcessEntry::execute() const {
  const auto argv = pointers(plan_->args);
  const auto envp = pointers(env_);
  return exec_error(executable_, sys::execute(executable_.c_str(), argv.data(), envp.data()));
}

}  // namespace stasis::runtime
