// The Debian package that cpack makes of the built tree: what is in it works where it is installed,
// and goes again.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

namespace fs = std::filesystem;

class Package : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    const fs::path build = fs::path(Runtime::built("stasis")).parent_path().parent_path();
    run({"cpack", "--config", build / "CPackConfig.cmake", "-B", directory() + "/packages"});
    for (const auto& entry : fs::directory_iterator(directory() + "/packages")) {
      if (entry.path().extension() == ".deb") package_ = entry.path();
    }
    ASSERT_FALSE(package_.empty());
    fs::create_directories(admin() + "/info");
    fs::create_directories(admin() + "/updates");
    fs::create_directories(installed());
    write_file(admin() + "/status", "");
    write_file(admin() + "/available", "");
  }
  static Finished run(const std::vector<std::string>& arguments) {
    Finished finished = run_program(arguments, {.limit = std::chrono::seconds(60)});
    EXPECT_EQ(finished.status, 0) << finished.out << finished.err;
    return finished;
  }
  Finished dpkg(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"dpkg", "--admindir=" + admin(), "--instdir=" + installed(),
                                       "--log=/dev/null", "--force-script-chrootless"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  std::string admin() const { return directory() + "/admin"; }
  std::string installed() const { return directory() + "/installed"; }

  std::string package_;
};

TEST_F(Package, RunsAContainerWhereItIsInstalledAndGoesAgain) {
  dpkg({"--install", package_});
  const std::string program = installed() + "/usr/bin/stasis";
  EXPECT_TRUE(fs::exists(installed() + "/usr/share/doc/stasis/LICENSE"));
  EXPECT_TRUE(fs::exists(installed() + "/usr/share/doc/stasis/LIMITATIONS.md"));
  EXPECT_TRUE(fs::exists(installed() + "/usr/share/man/man8/stasis-checkpoint.8"));
  EXPECT_TRUE(fs::exists(installed() + "/usr/share/man/man1/stasis.1"));
  EXPECT_TRUE(fs::exists(installed() + "/usr/share/bash-completion/completions/stasis"));
  EXPECT_TRUE(fs::exists(installed() + "/usr/share/zsh/vendor-completions/_stasis"));
  EXPECT_TRUE(fs::exists(installed() + "/usr/libexec/stasis/criu"));

  Bundle bundle = make_bundle();
  bundle.use_tree(find_tree("busybox"));
  bundle.set_arguments({"/bin/echo", "hello"});
  bundle.save();
  const Finished finished =
      run({program, "--root", directory() + "/root", "run", "--bundle", bundle.directory(), "c1"});
  EXPECT_EQ(finished.out, "hello\n");

  dpkg({"--purge", "stasis"});
  EXPECT_FALSE(fs::exists(program));
  EXPECT_TRUE(fs::is_empty(installed()));
}

TEST_F(Package, SaysWhatItIsAndNeedsNothing) {
  const std::string fields = run({"dpkg-deb", "--field", package_}).out;
  EXPECT_THAT(fields, testing::HasSubstr("Package: stasis\n"));
  EXPECT_THAT(fields, testing::HasSubstr("Section: admin\n"));
  EXPECT_THAT(fields, testing::HasSubstr("Version: 0.1.0\n"));
  EXPECT_THAT(fields, testing::HasSubstr("Maintainer: "));
  EXPECT_THAT(fields, testing::Not(testing::HasSubstr("Depends:")));
  EXPECT_THAT(run({"dpkg-deb", "--info", package_}).out,
              testing::Not(testing::HasSubstr("conffiles")));
}

}  // namespace
}  // namespace stasis::test
