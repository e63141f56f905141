#include "oci/sysctl.h"

#include <algorithm>
#include <array>

#include "base/parse.h"

namespace stasis::oci {
namespace {

void swap_separators(std::string& name) {
  for (char& one : name) {
    if (one == '.') {
      one = '/';
    } else if (one == '/') {
      one = '.';
    }
  }
}

}  // namespace

std::optional<std::string> path_of_sysctl(std::string_view name) {
  std::string path(name);
  const auto first = path.find_first_of("./");
  if (first != path.npos && path[first] == '.') swap_separators(path);
  for (const auto component : split(path, '/')) {
    if (component.empty() || component == "." || component == "..") return std::nullopt;
  }
  return path;
}

std::optional<NamespaceKind> namespace_of_sysctl(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kIpc{
      "kernel/msgmax", "kernel/msgmnb", "kernel/msgmni", "kernel/sem",
      "kernel/shmall", "kernel/shmmax", "kernel/shmmni", "kernel/shm_rmid_forced"};
  const auto path = path_of_sysctl(name);
  if (!path) return std::nullopt;
  if (std::ranges::find(kIpc, *path) != kIpc.end() || path->starts_with("fs/mqueue/")) {
    return NamespaceKind::kIpc;
  }
  if (path->starts_with("net/")) return NamespaceKind::kNetwork;
  if (path == "kernel/domainname" || path == "kernel/hostname") return NamespaceKind::kUts;
  return std::nullopt;
}

}  // namespace stasis::oci
