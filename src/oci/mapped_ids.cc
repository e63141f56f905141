#include "oci/mapped_ids.h"

#include <algorithm>

#include "base/parse.h"

namespace stasis::oci {
namespace {

using Mappings = std::vector<IdMapping>;

bool is_mapped(const Mappings& mappings, std::uint32_t id) {
  return std::ranges::any_of(mappings, [&](const IdMapping& one) {
    return id >= one.container_id && id - one.container_id < one.size;
  });
}

// "0-999, 2000"
std::string describe(const Mappings& mappings) {
  std::string text;
  for (const IdMapping& one : mappings) {
    if (!text.empty()) text += ", ";
    text += one.size == 1 ? fmt::format("{}", one.container_id)
                          : fmt::format("{}-{}", one.container_id,
                                        std::uint64_t{one.container_id} + one.size - 1);
  }
  return text;
}

Result<void> require(const Mappings& mappings, std::string_view list, std::uint32_t id,
                     std::string_view member) {
  if (is_mapped(mappings, id)) return {};
  return fail(ErrorKind::kInvalidArgument, "{}: id {} is not mapped: linux.{} has {}", member, id,
              list, describe(mappings));
}

Result<void> validate_sizes(const Mappings& mappings, std::string_view list) {
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    if (mappings[i].size != 0) continue;
    return fail(ErrorKind::kInvalidArgument, "linux.{}[{}].size: must be more than 0", list, i);
  }
  return {};
}

// "gid=5" of devpts, tmpfs and others: as root of the namespace counts.
Result<void> require_mount_ids(const Spec& spec) {
  for (std::size_t i = 0; i < spec.mounts.size(); ++i) {
    for (const std::string& option : spec.mounts[i].options) {
      const bool is_uid = option.starts_with("uid=");
      if (!is_uid && !option.starts_with("gid=")) continue;
      const auto id = parse_number<std::uint32_t>(std::string_view(option).substr(4));
      if (!id) continue;
      const Mappings& mappings = is_uid ? spec.linux_.uid_mappings : spec.linux_.gid_mappings;
      STASIS_TRY(require(mappings, is_uid ? "uidMappings" : "gidMappings", *id,
                         fmt::format("mounts[{}].options: '{}'", i, option)));
    }
  }
  return {};
}

}  // namespace

Result<void> validate_mapped_ids(const Spec& spec, const User& user) {
  const Namespace* found = spec.find_namespace(NamespaceKind::kUser);
  if (found == nullptr || !found->path.empty()) return {};
  const Mappings& uids = spec.linux_.uid_mappings;
  const Mappings& gids = spec.linux_.gid_mappings;
  STASIS_TRY(validate_sizes(uids, "uidMappings"));
  STASIS_TRY(validate_sizes(gids, "gidMappings"));
  STASIS_TRY(require(uids, "uidMappings", 0, "root of the user namespace"));
  STASIS_TRY(require(gids, "gidMappings", 0, "root's group of the user namespace"));
  STASIS_TRY(require_mount_ids(spec));
  STASIS_TRY(require(uids, "uidMappings", user.uid, "process.user.uid"));
  STASIS_TRY(require(gids, "gidMappings", user.gid, "process.user.gid"));
  for (std::size_t i = 0; i < user.additional_gids.size(); ++i) {
    STASIS_TRY(require(gids, "gidMappings", user.additional_gids[i],
                       fmt::format("process.user.additionalGids[{}]", i)));
  }
  return {};
}

}  // namespace stasis::oci
