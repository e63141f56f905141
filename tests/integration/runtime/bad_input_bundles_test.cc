// Bundles that no container can be made of.
#include <filesystem>

#include "integration/runtime/bad_input.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

class BadBundle : public BadInput {
 protected:
  std::string config() { return bundle().directory() + "/config.json"; }
  // `restore` reads the bundle before the image.
  void expect_all_refused(const std::string& why) { expect_refused(of_making(why)); }
};

TEST_F(BadBundle, MissingDirectory) {
  const std::string why = "bundle '/none': no such file or directory";
  expect_refused({{{"create", "--bundle", "/none", "c1"}, why},
                  {{"run", "--bundle", "/none", "c1"}, why},
                  {{"spec", "--bundle", "/none"}, "/none"}});
}

TEST_F(BadBundle, MissingConfiguration) {
  std::filesystem::remove(config());
  expect_all_refused("the bundle's configuration '" + config() + "': no such file or directory");
}

TEST_F(BadBundle, BrokenConfiguration) {
  write_file(config(), "{\"ociVersion\": \"1.0.2\",\n \"process\": {\"args\": [}");
  expect_all_refused(config() + ": line 2 column 23: ");
  write_file(config(), "");
  expect_all_refused(config() + ": line 1 column 1: ");
  write_file(config(), R"({"ociVersion": "1.0.2", "process": {"args": "ls"}})");
  expect_all_refused(config() + ": process.args: expected an array, found a string");
  std::filesystem::remove(config());
  std::filesystem::create_directory(config());
  expect_all_refused(config() + ": ");
}

TEST_F(BadBundle, WrongMembers) {
  const auto with = [&](const std::string& pointer, const nlohmann::json& value) {
    nlohmann::json changed = bundle().config;
    changed[nlohmann::json::json_pointer(pointer)] = value;
    write_file(config(), changed.dump());
  };
  with("/process/args", nlohmann::json::array());
  expect_all_refused("process.args: must not be empty");
  with("/process/cwd", "tmp");
  expect_all_refused("process.cwd");
  with("/ociVersion", "2.0.0");
  expect_all_refused("ociVersion");
  with("/linux/namespaces/0/type", "galaxy");
  expect_all_refused("linux.namespaces[0].type");
  with("/mounts/0/destination", 7);
  expect_all_refused("mounts[0].destination");
  with("/linux/namespaces/0/path", "/none");
  expect_all_refused("/none");
}

TEST_F(BadBundle, MissingRootFilesystem) {
  bundle().config["root"]["path"] = "nowhere";
  bundle().save();
  expect_all_refused("root.path: '" + bundle().directory() +
                     "/nowhere': no such file or directory");
  bundle().config["root"]["path"] = "config.json";
  bundle().save();
  expect_all_refused("root.path: '" + config() + "' is no directory");
}

TEST_F(BadBundle, MissingProgram) {
  bundle().set_arguments({"/none"});
  bundle().save();
  expect_all_refused("exec /none: no such file or directory");
  bundle().set_arguments({"none"});
  bundle().save();
  expect_all_refused("exec none: executable file not found in $PATH");
}

TEST_F(BadBundle, SpecDoesNotReplaceOne) {
  bundle().save();
  const std::string before = read_file(config());
  expect_refused({{{"spec", "--bundle", bundle().directory()}, "config.json"}});
  EXPECT_EQ(read_file(config()), before);
}

TEST_F(BadBundle, ImagesThatAreNone) {
  bundle().save();
  const std::string none = "/none/checkpoint.img";
  expect_refused(
      {{{"inspect", "/none"}, none},
       {{"verify", "/none"}, none},
       {{"restore", "--image-path", "/none", "--bundle", bundle().directory(), "c1"}, none}});
}

}  // namespace
}  // namespace stasis::test
