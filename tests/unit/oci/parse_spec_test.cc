#include "oci/parse_spec.h"

#include <gtest/gtest.h>

#include "oci/default_spec.h"
#include "oci/validate.h"

namespace stasis::oci {
namespace {

std::string message_of(std::string_view text) {
  const auto spec = parse_spec(text);
  return spec ? "no error" : spec.error().message();
}

TEST(ParseSpec, ReadsTheDefaultConfig) {
  const auto spec = parse_spec(default_spec_text());
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_TRUE(validate(*spec));
  EXPECT_EQ(spec->hostname, "stasis");
  ASSERT_TRUE(spec->process);
  EXPECT_TRUE(spec->process->terminal);
  EXPECT_EQ(spec->process->args, std::vector<std::string>{"sh"});
  EXPECT_EQ(spec->process->rlimits, (std::vector<Rlimit>{{"RLIMIT_NOFILE", 1024, 1024}}));
  EXPECT_TRUE(spec->root.readonly);
  EXPECT_EQ(spec->mounts.size(), 7U);
  EXPECT_EQ(spec->linux_.namespaces.size(), 5U);
  EXPECT_EQ(spec->linux_.resources.devices, (std::vector<DeviceRule>{DeviceRule{}}));
  EXPECT_EQ(spec->linux_.masked_paths.size(), 10U);
}

TEST(ParseSpec, ReadsTheRootlessConfig) {
  const auto spec = parse_spec(rootless_spec_text(1000, 100));
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_TRUE(validate(*spec));
  EXPECT_EQ(spec->linux_.uid_mappings, (std::vector<IdMapping>{{0, 1000, 1}}));
  EXPECT_EQ(spec->linux_.gid_mappings, (std::vector<IdMapping>{{0, 100, 1}}));
  EXPECT_EQ(spec->find_namespace(NamespaceKind::kNetwork), nullptr);
  EXPECT_EQ(spec->linux_.resources, Resources{});
}

TEST(ParseSpec, NamesTheLineOfBrokenJson) {
  EXPECT_EQ(message_of("{\n \"ociVersion\": \"1.0.2\",\n oops }"),
            "line 3 column 2: syntax error while parsing object key - invalid literal; last read: "
            "'\"1.0.2\",<U+000A> o'; expected string literal");
}

TEST(ParseSpec, NamesThePathOfAWrongType) {
  EXPECT_EQ(message_of(R"({"ociVersion": "1.0", "process": {"cwd": "/", "args": ["a", 2]}})"),
            "process.args[1]: expected a string, found a number");
  EXPECT_EQ(message_of(R"({"ociVersion": "1.0", "linux": {"namespaces": [{"type": "pidd"}]}})"),
            "linux.namespaces[0].type: unknown namespace 'pidd'");
  EXPECT_EQ(message_of(R"({"ociVersion": "1.0", "process": {"cwd": "/", "user": {"uid": -1}}})"),
            "process.user.uid: -1 is out of range: expected 0 to 4294967295");
  EXPECT_EQ(message_of("[]"), "expected an object, found an array");
  EXPECT_EQ(message_of("{}"), "'ociVersion' is missing");
  EXPECT_EQ(message_of(R"({"ociVersion": "1.0", "root": {}})"), "root: 'path' is missing");
}

TEST(ParseSpec, RefusesUnknownMembersThatConcernIsolation) {
  EXPECT_EQ(message_of(R"({"ociVersion": "1.0", "linux": {"secondaryRootfs": 1}})"),
            "linux.secondaryRootfs: is not known to stasis");
  EXPECT_EQ(message_of(R"({"ociVersion": "1.0", "linux": {"intelRdt": {"closId": "x"}}})"),
            "linux.intelRdt.closId: is not known to stasis");
  EXPECT_EQ(message_of(R"({"ociVersion": "1.0", "vendor": {"x": 1}, "linux": {"intelRdt": {}}})"),
            "no error");
}

TEST(ParseSpec, ReadsClassesOfService) {
  const auto spec = parse_spec(R"({"ociVersion": "1.0", "linux": {"intelRdt": {"closID": "gold",
      "l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20", "schemata": ["L2:0=1"],
      "enableCMT": true, "enableMBM": true, "enableMonitoring": true}}})");
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(spec->linux_.intel_rdt,
            (IntelRdt{"gold", "L3:0=f", "MB:0=20", {"L2:0=1"}, true, true, true}));
}

TEST(ParseSpec, TakesNullAsAbsent) {
  const auto spec = parse_spec(
      R"({"ociVersion": "1.0", "process": null, "linux": {"resources": {"memory": {"limit": null}}}})");
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_FALSE(spec->process);
  EXPECT_FALSE(spec->linux_.resources.memory.limit);
}

TEST(ParseResources, ReadsLimitsAndAnyDevice) {
  const auto resources = parse_resources(
      R"({"devices": [{"allow": true, "type": "c", "major": 1, "minor": -1, "access": "rw"}],
          "memory": {"limit": 104857600, "swap": -1}, "pids": {"limit": 10},
          "cpu": {"shares": 512, "quota": -1, "period": 100000, "cpus": "0"}})");
  ASSERT_TRUE(resources) << resources.error().message();
  EXPECT_EQ(resources->devices[0], (DeviceRule{true, "c", 1, std::nullopt, "rw"}));
  EXPECT_EQ(resources->memory.limit, 104857600);
  EXPECT_EQ(resources->memory.swap, -1);
  EXPECT_EQ(resources->pids_limit, 10);
  EXPECT_EQ(resources->cpu.shares, 512U);
  EXPECT_EQ(resources->cpu.cpus, "0");
}

TEST(ParseResources, RejectsAnUnknownAccess) {
  const auto resources = parse_resources(R"({"devices": [{"allow": true, "access": "rx"}]})");
  ASSERT_FALSE(resources);
  EXPECT_EQ(resources.error().message(),
            "devices[0]: access: expected letters of 'rwm', found 'rx'");
}

}  // namespace
}  // namespace stasis::oci
