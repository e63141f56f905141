// OCI bundles for tests: a root filesystem directory and a config.json that starts from what
// `stasis spec` writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "integration/support/runtime.h"

namespace stasis::test {

class Bundle {
 public:
  // Makes DIR with an empty root filesystem (/proc, /sys, /dev, /tmp, /etc/passwd) and no config.
  explicit Bundle(std::string directory);
  // And with a config without a terminal and with a writable root.
  Bundle(const Runtime& runtime, std::string directory);

  const std::string& directory() const { return directory_; }
  std::string rootfs() const { return directory_ + "/rootfs"; }
  // The config; save() writes it.
  nlohmann::json config;
  void save() const;

  void set_arguments(const std::vector<std::string>& arguments);
  // All capabilities but CAP_SYS_RESOURCE, which root need not have itself.
  void allow_all_capabilities();
  void bind_mount(const std::string& source, const std::string& target);
  void mount_tmpfs(const std::string& target);
  // Copies a file of the host into the root filesystem, keeping its mode.
  void add_file(const std::string& source, const std::string& target) const;
  // Takes a tree as the root filesystem instead, through an overlay, so that it stays as it is.
  void use_tree(const std::string& tree);

 private:
  std::string directory_;
};

}  // namespace stasis::test
