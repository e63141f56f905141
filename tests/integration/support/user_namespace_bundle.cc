#include "integration/support/user_namespace_bundle.h"

#include <unistd.h>

#include "integration/support/give_up.h"

namespace stasis::test {

void use_user_namespace(Bundle& bundle) {
  auto& linux_part = bundle.config["linux"];
  linux_part["namespaces"].push_back({{"type", "user"}});
  linux_part["uidMappings"] = {{{"containerID", 0}, {"hostID", kRootUid}, {"size", 1000}},
                               {{"containerID", 1000}, {"hostID", kUserUid}, {"size", 64'536}}};
  linux_part["gidMappings"] = {{{"containerID", 0}, {"hostID", kRootGid}, {"size", 65'536}}};
  for (const char* path : {"", "/tmp", "/mnt"}) {
    must(chown((bundle.rootfs() + path).c_str(), kRootUid, kRootGid), "chown of the root");
  }
}

}  // namespace stasis::test
