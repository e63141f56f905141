// linux.sysctl by its effect, and never on the namespaces that the runtime itself is in.
#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Sysctls : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
  }
  void set(const std::string& name, const std::string& value) {
    bundle_->config["linux"]["sysctl"][name] = value;
  }
  void use_namespace(const std::string& type, const std::string& path) {
    auto& namespaces = bundle_->config["linux"]["namespaces"];
    json others = json::array();
    for (const auto& one : namespaces) {
      if (one["type"] != type) others.push_back(one);
    }
    others.push_back({{"type", type}, {"path", path}});
    namespaces = others;
  }
  Finished run(const std::string& script) {
    bundle_->set_arguments({"/bin/sh", "-c", script});
    bundle_->save();
    return runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  std::unique_ptr<Bundle> bundle_;
};

TEST_F(Sysctls, AreSetInNewNamespaces) {
  set("net.ipv4.ip_default_ttl", "42");
  set("kernel/shmmni", "77");
  set("fs.mqueue.msg_max", "13");
  set("kernel.domainname", "far.away");
  const std::string before = read_file("/proc/sys/kernel/domainname");
  const Finished finished = run(
      "cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/shmmni /proc/sys/fs/mqueue/msg_max "
      "/proc/sys/kernel/domainname");
  EXPECT_EQ(finished.out, "42\n77\n13\nfar.away\n") << finished.err << runtime().log();
  EXPECT_EQ(read_file("/proc/sys/kernel/domainname"), before);
}

TEST_F(Sysctls, ReachLinksThatAHookMade) {
  const std::string link = "ip link add eth0.100 type bridge";
  bundle_->config["hooks"]["createContainer"] = {
      {{"path", "/bin/sh"}, {"args", {"sh", "-c", link}}, {"env", {"PATH=/usr/sbin:/sbin"}}}};
  set("net.ipv4.conf.eth0/100.rp_filter", "2");
  set("net/ipv4/conf/eth0.100/proxy_arp", "1");
  const Finished finished = run("cd /proc/sys/net/ipv4/conf/eth0.100; cat rp_filter proxy_arp");
  EXPECT_EQ(finished.out, "2\n1\n") << finished.err << runtime().log();
}

TEST_F(Sysctls, OfTheRuntimesOwnNamespacesAreRefused) {
  struct Case {
    const char *type, *file, *name;
  };
  for (const auto& [type, file, name] :
       {Case{"network", "net", "net/ipv4/ip_default_ttl"}, Case{"ipc", "ipc", "kernel/shmmni"},
        Case{"uts", "uts", "kernel/domainname"}}) {
    const std::string own = fmt::format("/proc/self/ns/{}", file);
    const std::string value_file = fmt::format("/proc/sys/{}", name);
    const std::string before = read_file(value_file);
    const json saved = bundle_->config;
    bundle_->config.erase("hostname");
    use_namespace(type, own);
    set(name, "99");
    EXPECT_EQ(run("true").status, 1);
    EXPECT_THAT(
        runtime().log(),
        HasSubstr(fmt::format("linux.sysctl.{}: the '{}' namespace '{}' is the runtime's own, and "
                              "setting it would change the host",
                              name, type, own)));
    EXPECT_EQ(read_file(value_file), before);
    bundle_->config = saved;
  }
}

TEST_F(Sysctls, AreSetInANamespaceThatIsJoined) {
  Bundle owner = make_bundle("owner");
  owner.use_tree(find_tree("busybox"));
  owner.set_arguments({"/bin/sh", "-c", "echo ready; exec sleep 1000"});
  Pipes stdio;
  start_container("owner", owner, stdio);
  stdio.next_line();
  use_namespace("network", fmt::format("/proc/{}/ns/net", container_pid("owner")));
  set("net.ipv4.ip_default_ttl", "43");
  const Finished finished = run("cat /proc/sys/net/ipv4/ip_default_ttl");
  EXPECT_EQ(finished.out, "43\n") << finished.err << runtime().log();
  EXPECT_EQ(expect_success({"exec", "owner", "cat", "/proc/sys/net/ipv4/ip_default_ttl"}).out,
            "43\n");
}

TEST_F(Sysctls, OfNoNamespaceAreRefused) {
  set("kernel.panic", "99");
  EXPECT_EQ(run("true").status, 1);
  EXPECT_THAT(runtime().log(),
              HasSubstr("linux.sysctl.kernel.panic: belongs to no namespace, and would change the "
                        "host"));
}

}  // namespace
}  // namespace stasis::test
