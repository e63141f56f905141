#include "runtime/prepared_mounts.h"

#include <cerrno>

#include "ns/mapped_user_namespace.h"
#include "ns/spawn.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

Result<UniqueFd> open_user_namespace(const MountIdMap& map) {
  if (map.user_namespace.empty()) return ns::make_user_namespace(map.uid_map, map.gid_map);
  STASIS_ASSIGN(auto joined, ns::open_namespace(ns::Kind::kUser, map.user_namespace));
  return std::move(joined.fd);
}

Result<UniqueFd> make_mapped_mount(const PlannedMount& mount) {
  STASIS_ASSIGN(const UniqueFd user_namespace, open_user_namespace(*mount.id_map));
  STASIS_ASSIGN(UniqueFd fd,
                sys::clone_mount(sys::kCwd, mount.source, mount.options.bind_recursion));
  auto mapped = sys::set_mount_id_map(fd.get(), user_namespace.get(), mount.id_map->recursion);
  if (!mapped && mapped.error().error_number() == EINVAL) {
    return std::move(mapped.error())
        .context(
            fmt::format("the file system of '{}', or one below it, cannot map ids", mount.source));
  }
  STASIS_TRY(std::move(mapped).context(fmt::format("mapping the ids of '{}'", mount.source)));
  return fd;
}

}  // namespace

Result<PreparedMounts> prepare_mounts(const Environment& environment) {
  PreparedMounts prepared(environment.mounts.size());
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    const PlannedMount& mount = environment.mounts[i];
    if (!mount.id_map) continue;
    STASIS_ASSIGN(prepared[i], make_mapped_mount(mount).context(
                                   fmt::format("mounts[{}] '{}'", i, mount.destination)));
  }
  return prepared;
}

}  // namespace stasis::runtime
