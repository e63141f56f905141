#include "runtime/rootless.h"

#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/parse.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

constexpr const char* kRootOfRoot = "/run/stasis";

// user_namespaces(7): the initial one maps every id to itself, in one line.
bool in_initial_user_namespace() {
  const auto text = sys::read_file("/proc/self/uid_map");
  if (!text) return true;
  std::string_view line = trim(*text);
  const auto inside = take_word(line);
  const auto outside = take_word(line);
  return inside == "0" && outside == "0" && trim(line) == "4294967295";
}

bool has_roots_rights() { return ::geteuid() == 0 && in_initial_user_namespace(); }

Result<std::string> own_directory_in_tmp() {
  std::string path = fmt::format("/tmp/stasis-{}", ::geteuid());
  auto made = sys::make_dir_at(sys::kCwd, path, 0700);
  if (!made && made.error().kind() != ErrorKind::kConflict) return std::move(made.error());
  STASIS_ASSIGN(const struct stat st, sys::stat_at(sys::kCwd, path, AT_SYMLINK_NOFOLLOW));
  if (S_ISDIR(st.st_mode) && st.st_uid == ::geteuid() && (st.st_mode & 0022U) == 0) return path;
  return fail(ErrorKind::kConflict,
              "'{}' is not a directory that only this user writes to: set XDG_RUNTIME_DIR, or give "
              "--root",
              path);
}

}  // namespace

cgroup::Denied denied_cgroups(Rootless rootless) {
  const bool yes =
      rootless == Rootless::kYes || (rootless == Rootless::kAuto && !has_roots_rights());
  return yes ? cgroup::Denied::kPassOver : cgroup::Denied::kFail;
}

Result<std::string> default_state_root() {
  if (has_roots_rights()) return std::string(kRootOfRoot);
  const char* given = std::getenv("XDG_RUNTIME_DIR");
  if (given != nullptr && *given != '\0') return std::string(given) + "/stasis";
  if (::geteuid() == 0) return std::string(kRootOfRoot);
  const std::string usual = fmt::format("/run/user/{}", ::geteuid());
  if (sys::exists_at(sys::kCwd, usual)) return usual + "/stasis";
  return own_directory_in_tmp();
}

Result<void> check_own_rights(const oci::Spec& spec) {
  if (::geteuid() == 0 || spec.find_namespace(oci::NamespaceKind::kUser) != nullptr) return {};
  return fail(ErrorKind::kInvalidArgument,
              "linux.namespaces: without root's rights a container needs a 'user' namespace: "
              "'stasis spec --rootless' writes one");
}

}  // namespace stasis::runtime
