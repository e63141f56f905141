#include "runtime/restore_privileges.h"

#include <string>
#include <vector>

#include "runtime/capability_names.h"

namespace stasis::runtime {
namespace {

std::uint64_t allowed_capabilities(const oci::Process& process) {
  if (!process.capabilities) return 0;
  const oci::Capabilities& sets = *process.capabilities;
  std::vector<std::string> unknown;  // names of no bit allow nothing
  std::uint64_t bits = 0;
  for (const auto* names :
       {&sets.bounding, &sets.effective, &sets.permitted, &sets.inheritable, &sets.ambient}) {
    bits |= capability_bits(*names, unknown);
  }
  return bits;
}

std::uint64_t all_sets(const model::Credentials& credentials) {
  return credentials.cap_bounding | credentials.cap_effective | credentials.cap_permitted |
         credentials.cap_inheritable | credentials.cap_ambient;
}

class Check {
 public:
  Check(const model::Container& image, const oci::Spec& spec)
      : image_(image), spec_(spec), allowed_(allowed_capabilities(*spec.process)) {}

  Result<void> run() {
    for (const auto& process : image_.processes) {
      if (process.exit_status) continue;  // a zombie does nothing any more
      for (const auto& thread : process.threads) compare(process, thread);
    }
    if (found_.empty()) return {};
    std::string text;
    for (const auto& one : found_) text += "\n  " + one;
    return fail(ErrorKind::kConflict,
                "the image has more privileges than config.json allows; nothing was restored:{}",
                text);
  }

 private:
  void add(const model::Process& process, const model::Thread& thread, const std::string& what) {
    auto line = fmt::format("pid {} ({}): {}", process.pid.value, thread.comm, what);
    if (found_.empty() || found_.back() != line) found_.push_back(std::move(line));
  }

  void compare(const model::Process& process, const model::Thread& thread) {
    const std::uint64_t more = all_sets(thread.credentials) & ~allowed_;
    if (more != 0) {
      add(process, thread,
          fmt::format("has {}; add it to process.capabilities.bounding",
                      describe_capabilities(more)));
    }
    if (spec_.process->no_new_privileges && !thread.credentials.no_new_privs) {
      add(process, thread, "may gain privileges; set process.noNewPrivileges to false");
    }
    if (spec_.linux_.seccomp && thread.seccomp.mode == model::SeccompMode::kNone) {
      add(process, thread, "has no seccomp filter; remove linux.seccomp");
    }
  }

  const model::Container& image_;
  const oci::Spec& spec_;
  std::uint64_t allowed_;
  std::vector<std::string> found_;
};

}  // namespace

Result<void> check_privileges(const model::Container& image, const oci::Spec& spec) {
  return Check(image, spec).run();
}

}  // namespace stasis::runtime
