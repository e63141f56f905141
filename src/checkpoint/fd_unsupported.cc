// Open files that cannot be saved, each with what the user can do about it.
#include <array>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"

namespace stasis::checkpoint {
namespace {

struct Reason {
  std::string_view kind;  // of the link "anon_inode:[KIND]"; a name that ends in '*' is a prefix
  std::string_view what;
  std::string_view advice;
};
constexpr std::string_view kClose = "close it before the checkpoint";
constexpr std::array kReasons = {
    Reason{"io_uring", "an io_uring",
           "tell the program not to use io_uring (node: UV_USE_IO_URING=0)"},
    Reason{"bpf*", "a BPF object", kClose},
    Reason{"perf_event", "a performance counter", "detach the profiler before the checkpoint"},
    Reason{"fanotify", "a fanotify group", kClose},
    Reason{"userfaultfd", "a userfaultfd", kClose},
    Reason{"kvm*", "a virtual machine (KVM)",
           "shut the virtual machine down before the checkpoint"},
    Reason{"seccomp*", "a seccomp listener", kClose},
    Reason{"fscontext", "a mount that is being configured (fsopen)", kClose},
    Reason{"landlock*", "a Landlock ruleset", kClose},
};

bool matches(std::string_view pattern, std::string_view kind) {
  if (!pattern.ends_with('*')) return pattern == kind;
  return kind.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::string name_of(const proc::FdLink& link) {
  if (const auto* anonymous = std::get_if<proc::AnonInodeLink>(&link)) {
    return fmt::format("an anonymous file of kind '{}'", anonymous->kind);
  }
  if (const auto* other = std::get_if<proc::OtherLink>(&link)) {
    return fmt::format("a file of an unknown kind, '{}'", other->text);
  }
  if (const auto* memfd = std::get_if<proc::MemfdLink>(&link)) {
    return fmt::format("a memfd, '{}'", memfd->name);
  }
  if (const auto* ns = std::get_if<proc::NamespaceLink>(&link)) {
    return fmt::format("a handle of a {} namespace", ns->kind);
  }
  return "a file of an unknown kind";
}

}  // namespace

Result<void> collect_unsupported(FileContext& context, std::uint32_t file) {
  const auto& link = context.files[file].link;
  if (const auto* anonymous = std::get_if<proc::AnonInodeLink>(&link)) {
    for (const auto& reason : kReasons) {
      if (!matches(reason.kind, anonymous->kind)) continue;
      context.block(file, std::string(reason.what), std::string(reason.advice));
      return {};
    }
  }
  context.block(file, name_of(link), std::string(kClose));
  return {};
}

}  // namespace stasis::checkpoint
