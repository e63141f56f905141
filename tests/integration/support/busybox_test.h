// The fixture of tests that look at a container from inside: a shell of busybox runs a script in
// it, and what it prints is compared.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "integration/support/container_test.h"

namespace stasis::test {

class BusyboxTest : public ContainerTest {
 protected:
  void SetUp() override;

  Bundle& bundle() { return *bundle_; }
  nlohmann::json& process() { return bundle_->config["process"]; }
  // The root file system on the host.
  std::string rootfs(const std::string& path) const { return bundle_->rootfs() + path; }
  void add_mount(const std::string& type, const std::string& source, const std::string& target,
                 const std::vector<std::string>& options);
  // A user namespace of its own, in which ids begin at 100000 of the host's.
  void use_user_namespace();

  // `stasis run FLAGS` of the container "c1", with /bin/sh -c SCRIPT.
  Finished run(const std::string& script, const std::vector<std::string>& flags = {});
  // What it prints; expects success.
  std::string output(const std::string& script, const std::vector<std::string>& flags = {});
  // Expects that it fails; what the runtime logged.
  std::string refusal(const std::string& script = "true",
                      const std::vector<std::string>& flags = {});

  // "c1" runs detached until it is killed.
  void start_sleeper();
  // `stasis exec FLAGS c1 COMMAND`.
  Finished exec(const std::vector<std::string>& flags, const std::vector<std::string>& command);
  // What /bin/sh -c SCRIPT prints in "c1"; expects success.
  std::string exec_output(const std::vector<std::string>& flags, const std::string& script);

  // A directory of the host, with a file in it that holds NAME.
  std::string make_outside(const std::string& name) const;

 private:
  std::unique_ptr<Bundle> bundle_;
  Pipes stdio_;
};

inline constexpr unsigned kFirstMappedId = 100000;

}  // namespace stasis::test
