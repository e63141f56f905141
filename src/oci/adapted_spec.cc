#include <nlohmann/json.hpp>

#include "oci/default_spec.h"

namespace stasis::oci {
namespace {

using Json = nlohmann::ordered_json;

Json only_mapping(std::uint32_t id) {
  return Json::array({{{"containerID", 0}, {"hostID", id}, {"size", 1}}});
}

// Group 5 is not mapped, and a sysfs is for who owns the network.
void adapt_mount(Json& mount) {
  if (mount["type"] == "devpts") {
    Json& options = mount["options"];
    options.erase(std::ranges::find(options, "gid=5"));
  } else if (mount["type"] == "sysfs") {
    mount["type"] = "none";
    mount["source"] = "/sys";
    mount["options"].insert(mount["options"].begin(), "rbind");
  }
}

}  // namespace

std::string rootless_spec_text(std::uint32_t uid, std::uint32_t gid) {
  Json spec = Json::parse(default_spec_text());
  std::ranges::for_each(spec["mounts"], adapt_mount);
  Json& linux_part = spec["linux"];
  linux_part.erase("resources");
  linux_part["uidMappings"] = only_mapping(uid);
  linux_part["gidMappings"] = only_mapping(gid);
  Json& namespaces = linux_part["namespaces"];
  namespaces.erase(
      std::ranges::find_if(namespaces, [](const Json& one) { return one["type"] == "network"; }));
  namespaces.push_back({{"type", "user"}});
  return spec.dump(1, '\t') + "\n";
}

std::string with_cgroup_namespace(std::string_view text) {
  Json spec = Json::parse(text);
  spec["linux"]["namespaces"].push_back({{"type", "cgroup"}});
  return spec.dump(1, '\t') + "\n";
}

}  // namespace stasis::oci
