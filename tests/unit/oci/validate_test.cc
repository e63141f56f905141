#include "oci/validate.h"

#include <gtest/gtest.h>

#include "oci/state.h"

namespace stasis::oci {
namespace {

Spec good() {
  Spec spec;
  spec.oci_version = "1.0.2";
  spec.process = Process{.args = {"sh"}, .cwd = "/"};
  spec.root.path = "rootfs";
  spec.linux_.namespaces = {{NamespaceKind::kMount, ""}, {NamespaceKind::kPid, ""}};
  return spec;
}

std::string message_of(const Spec& spec) {
  const auto valid = validate(spec);
  return valid ? "no error" : valid.error().message();
}

TEST(Validate, TakesASmallConfig) { EXPECT_EQ(message_of(good()), "no error"); }

TEST(Validate, ChecksTheProcess) {
  Spec spec = good();
  spec.process->args.clear();
  EXPECT_EQ(message_of(spec), "process.args: must not be empty");
  spec = good();
  spec.process->cwd = "tmp";
  EXPECT_EQ(message_of(spec), "process.cwd: 'tmp' is not absolute");
  spec = good();
  spec.process->rlimits = {{"RLIMIT_CORE", 0, 0}, {"RLIMIT_CORE", 1, 1}};
  EXPECT_EQ(message_of(spec), "process.rlimits[1]: a second 'RLIMIT_CORE'");
  spec = good();
  spec.process.reset();
  EXPECT_EQ(message_of(spec), "process: is missing");
}

TEST(Validate, RefusesIdsThatWouldLeaveTheProcessRoot) {
  constexpr std::uint32_t kNoId = 4'294'967'295;
  Spec spec = good();
  spec.process->user.uid = kNoId;
  EXPECT_EQ(message_of(spec), "process.user.uid: 4294967295 is no user");
  spec.process->user = {.gid = kNoId};
  EXPECT_EQ(message_of(spec), "process.user.gid: 4294967295 is no group");
  spec.process->user = {.additional_gids = {1, kNoId}};
  EXPECT_EQ(message_of(spec), "process.user.additionalGids: 4294967295 is no group");
  spec.process->user = {.uid = kNoId - 1, .gid = kNoId - 1};
  EXPECT_EQ(message_of(spec), "no error");
}

TEST(Validate, RefusesVariablesWithoutAName) {
  Spec spec = good();
  for (const char* bad : {"A", "", "=1"}) {
    spec.process->env = {"A=", "B=1=2", bad};
    EXPECT_EQ(message_of(spec),
              fmt::format("process.env[2]: expected NAME=VALUE, found '{}'", bad));
  }
}

TEST(Validate, ChecksNamespaces) {
  Spec spec = good();
  spec.linux_.namespaces.push_back({NamespaceKind::kPid, ""});
  EXPECT_EQ(message_of(spec), "linux.namespaces[2]: a second 'pid' namespace");
  spec = good();
  spec.linux_.namespaces.erase(spec.linux_.namespaces.begin());
  EXPECT_EQ(message_of(spec), "linux.namespaces: a container needs a 'mount' namespace of its own");
  spec = good();
  spec.hostname = "x";
  EXPECT_EQ(message_of(spec), "hostname: setting it needs a 'uts' namespace in linux.namespaces");
  spec = good();
  spec.linux_.namespaces.push_back({NamespaceKind::kUser, ""});
  EXPECT_EQ(message_of(spec),
            "linux.uidMappings: a new user namespace needs uidMappings and gidMappings");
}

std::string message_of_devices(const std::map<std::string, NetDevice>& devices) {
  Spec spec = good();
  spec.linux_.namespaces.push_back({NamespaceKind::kNetwork, ""});
  spec.linux_.net_devices = devices;
  return message_of(spec);
}

TEST(Validate, ChecksNetDevices) {
  EXPECT_EQ(message_of_devices({{"eth0", {}}, {"eth1", {"eth2"}}}), "no error");
  EXPECT_EQ(message_of_devices({{"eth0", {"eth1"}}, {"eth1", {"eth0"}}}), "no error");
  EXPECT_EQ(message_of_devices({{"eth0", {}}, {"eth1", {"eth0"}}}),
            "linux.netDevices: two devices would be 'eth0'");
  Spec spec = good();
  spec.linux_.net_devices = {{"eth0", {}}};
  EXPECT_EQ(message_of(spec), "linux.netDevices: needs a 'network' namespace in linux.namespaces");
}

TEST(Validate, RefusesNamesThatNoInterfaceHas) {
  for (const std::string bad :
       {"..", ".", "a/b", "a:1", "a b", "a\n", "eth%d", "0123456789abcdef"}) {
    EXPECT_EQ(message_of_devices({{bad, {"eth0"}}}),
              "linux.netDevices: '" + bad + "' is no name of a network interface");
    EXPECT_EQ(message_of_devices({{"eth0", {bad}}}),
              "linux.netDevices: '" + bad + "' is no name of a network interface");
  }
  EXPECT_EQ(message_of_devices({{"", {}}}),
            "linux.netDevices: '' is no name of a network interface");
  EXPECT_EQ(message_of_devices({{"0123456789abcde", {}}}), "no error");
}

Spec with_user_namespace() {
  Spec spec = good();
  spec.linux_.namespaces.push_back({NamespaceKind::kUser, ""});
  spec.linux_.uid_mappings = {{0, 100'000, 1000}, {2000, 300'000, 1}};
  spec.linux_.gid_mappings = {{0, 200'000, 1000}};
  return spec;
}

TEST(Validate, TakesIdsThatAreMapped) {
  Spec spec = with_user_namespace();
  spec.process->user = {.uid = 2000, .gid = 999, .additional_gids = {1, 2}};
  EXPECT_EQ(message_of(spec), "no error");
}

TEST(Validate, NamesIdsThatAreNotMapped) {
  Spec spec = with_user_namespace();
  spec.process->user.uid = 2001;
  EXPECT_EQ(message_of(spec),
            "process.user.uid: id 2001 is not mapped: linux.uidMappings has 0-999, 2000");
  spec = with_user_namespace();
  spec.process->user.gid = 1000;
  EXPECT_EQ(message_of(spec),
            "process.user.gid: id 1000 is not mapped: linux.gidMappings has 0-999");
  spec = with_user_namespace();
  spec.process->user.additional_gids = {1, 5000};
  EXPECT_EQ(message_of(spec),
            "process.user.additionalGids[1]: id 5000 is not mapped: linux.gidMappings has 0-999");
  spec = with_user_namespace();
  spec.linux_.uid_mappings[0].container_id = 1;
  spec.linux_.uid_mappings[0].size = 999;
  EXPECT_EQ(message_of(spec),
            "root of the user namespace: id 0 is not mapped: linux.uidMappings has 1-999, 2000");
  spec = with_user_namespace();
  spec.linux_.gid_mappings[0].size = 0;
  EXPECT_EQ(message_of(spec), "linux.gidMappings[0].size: must be more than 0");
}

TEST(Validate, NamesIdsOfMountsThatAreNotMapped) {
  Spec spec = with_user_namespace();
  spec.mounts = {{.destination = "/dev/pts", .options = {"mode=620", "gid=999", "uid=2000"}}};
  EXPECT_EQ(message_of(spec), "no error");
  spec.mounts.front().options = {"gid=2000"};
  EXPECT_EQ(message_of(spec),
            "mounts[0].options: 'gid=2000': id 2000 is not mapped: linux.gidMappings has 0-999");
  spec.mounts.front().options = {"uid=1000"};
  EXPECT_EQ(
      message_of(spec),
      "mounts[0].options: 'uid=1000': id 1000 is not mapped: linux.uidMappings has 0-999, 2000");
}

// What it maps is only known to the kernel.
TEST(Validate, TakesAnyIdInAUserNamespaceThatExists) {
  Spec spec = with_user_namespace();
  spec.linux_.namespaces.back().path = "/proc/1/ns/user";
  spec.process->user.uid = 2001;
  EXPECT_EQ(message_of(spec), "no error");
}

TEST(Validate, RefusesSysctlsOfTheHost) {
  Spec spec = good();
  spec.linux_.sysctl = {{"kernel.panic", "1"}};
  EXPECT_EQ(message_of(spec),
            "linux.sysctl.kernel.panic: belongs to no namespace, and would change the host");
  spec.linux_.sysctl = {{"net.ipv4.ip_forward", "1"}};
  EXPECT_EQ(message_of(spec),
            "linux.sysctl.net.ipv4.ip_forward: needs a 'network' namespace of the container's own");
}

TEST(Validate, TakesSysctlsOfNewNamespaces) {
  Spec spec = good();
  spec.linux_.namespaces.push_back({NamespaceKind::kNetwork, ""});
  spec.linux_.sysctl = {{"net/ipv4/conf/eth0.100/rp_filter", "1"}};
  EXPECT_EQ(message_of(spec), "no error");
  spec.linux_.sysctl = {{"net.ipv4.conf.eth0/100.rp_filter", "1"}};
  EXPECT_EQ(message_of(spec), "no error");
  spec.linux_.sysctl = {{"kernel.shmmax", "1"}};
  EXPECT_EQ(message_of(spec),
            "linux.sysctl.kernel.shmmax: needs a 'ipc' namespace of the container's own");
  spec.linux_.namespaces.push_back({NamespaceKind::kUts, ""});
  spec.linux_.sysctl = {{"kernel.domainname", "x"}};
  EXPECT_EQ(message_of(spec), "no error");
  spec.linux_.sysctl = {{"kernel/hostname", "x"}};
  EXPECT_EQ(message_of(spec), "linux.sysctl.kernel/hostname: use 'hostname' instead");
}

TEST(Validate, RefusesSysctlsThatLeaveTheirDirectory) {
  Spec spec = good();
  spec.linux_.namespaces.push_back({NamespaceKind::kNetwork, ""});
  for (const char* name : {"net/../kernel/panic", "net.//.kernel.panic", "net/./x", "net//x",
                           "net.x.", "/net/x", ""}) {
    spec.linux_.sysctl = {{name, "1"}};
    EXPECT_EQ(message_of(spec), fmt::format("linux.sysctl.{}: is no name of a sysctl", name));
  }
}

TEST(ContainerRecord, SurvivesTheStateFile) {
  ContainerRecord record{.id = "x",
                         .oci_version = "1.2.0",
                         .bundle = "/b",
                         .rootfs = "/b/r",
                         .created = "2026-01-01T00:00:00Z",
                         .owner = "root",
                         .init_pid = 42,
                         .init_start_ticks = 1234567890123,
                         .no_pivot = true,
                         .restored = true,
                         .annotations = {{"a", "b"}},
                         .cgroups = {{false, {"memory"}, "/sys/fs/cgroup/memory/x", "/x"}}};
  const auto decoded = decode_record(encode_record(record));
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_EQ(*decoded, record);
  EXPECT_EQ(decode_record("{\"id\": 3}").error().message(),
            "id: expected a string, found a number");
}

TEST(EncodeState, HasTheSpecificationsMembersOnlyForHooks) {
  const ContainerRecord record{.id = "x", .oci_version = "1.2.0", .bundle = "/b", .rootfs = "/b/r"};
  EXPECT_EQ(encode_state(record, Status::kCreated, 7, Shape::kSpecification),
            R"({"ociVersion":"1.2.0","id":"x","pid":7,"status":"created","bundle":"/b"})");
}

}  // namespace
}  // namespace stasis::oci
