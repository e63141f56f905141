#include "integration/support/busybox_test.h"

#include <unistd.h>

#include <filesystem>

#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {

void BusyboxTest::SetUp() {
  ContainerTest::SetUp();
  bundle_ = std::make_unique<Bundle>(make_bundle());
  bundle_->use_tree(find_tree("busybox"));
}

void BusyboxTest::add_mount(const std::string& type, const std::string& source,
                            const std::string& target, const std::vector<std::string>& options) {
  bundle_->config["mounts"].push_back(
      {{"type", type}, {"source", source}, {"destination", target}, {"options", options}});
}

void BusyboxTest::use_user_namespace() {
  auto& linux_part = bundle_->config["linux"];
  linux_part["namespaces"].push_back({{"type", "user"}});
  const nlohmann::json mapping{{"containerID", 0}, {"hostID", kFirstMappedId}, {"size", 65536}};
  linux_part["uidMappings"] = {mapping};
  linux_part["gidMappings"] = {mapping};
  // Its root makes mount points there.
  EXPECT_EQ(chown(rootfs("").c_str(), kFirstMappedId, kFirstMappedId), 0);
}

Finished BusyboxTest::run(const std::string& script, const std::vector<std::string>& flags) {
  bundle_->set_arguments({"/bin/sh", "-c", script});
  bundle_->save();
  will_delete("c1");
  std::vector<std::string> words{"run"};
  words.insert(words.end(), flags.begin(), flags.end());
  words.insert(words.end(), {"--bundle", bundle_->directory(), "c1"});
  return runtime().run(words);
}

std::string BusyboxTest::output(const std::string& script, const std::vector<std::string>& flags) {
  const Finished finished = run(script, flags);
  EXPECT_EQ(finished.status, 0) << finished.err << runtime().log();
  return finished.out;
}

std::string BusyboxTest::refusal(const std::string& script, const std::vector<std::string>& flags) {
  EXPECT_EQ(run(script, flags).status, 1);
  return runtime().log();
}

void BusyboxTest::start_sleeper() {
  bundle_->set_arguments({"/bin/sleep", "1000"});
  start_container("c1", *bundle_, stdio_);
}

Finished BusyboxTest::exec(const std::vector<std::string>& flags,
                           const std::vector<std::string>& command) {
  std::vector<std::string> words{"exec"};
  words.insert(words.end(), flags.begin(), flags.end());
  words.emplace_back("c1");
  words.insert(words.end(), command.begin(), command.end());
  return runtime().run(words);
}

std::string BusyboxTest::exec_output(const std::vector<std::string>& flags,
                                     const std::string& script) {
  const Finished finished = exec(flags, {"/bin/sh", "-c", script});
  EXPECT_EQ(finished.status, 0) << finished.err;
  return finished.out;
}

std::string BusyboxTest::make_outside(const std::string& name) const {
  const std::string path = directory() + "/" + name;
  std::filesystem::create_directories(path);
  write_file(path + "/file", name);
  return path;
}

}  // namespace stasis::test
