// A container's own network namespace comes back with what the container has set up in it; one that
// is joined by path is left as it is.
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include <fcntl.h>

#include <gmock/gmock.h>

#include "base/unique_fd.h"
#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

// Addresses of both families, a route by a gateway and one in a table of its own, a rule, a
// permanent neighbour, sysctls of the namespace and of a link; a bridge with a port, whose other
// end has a macvlan on it. A server on one of the addresses.
constexpr const char* kSetUp = R"(
set -e
ip link add inner7 type veth; ip link set veth0 name outer7 up
ip link set inner7 address 02:00:00:00:00:07 mtu 1400
ip addr add 10.7.0.1/24 dev inner7
ip addr add fd00:7::1/64 dev inner7
ip link set inner7 up
ip route add 10.8.0.0/16 via 10.7.0.9
ip route add 10.9.0.0/16 via 10.7.0.9 table 77
ip -6 route add fd00:8::/64 via fd00:7::9
ip rule add from 10.7.0.0/24 table 77 pref 1000
arp -i inner7 -s 10.7.0.9 02:00:00:00:00:99
ip link add br0 type bridge
ip link add port type veth; ip link set veth0 name end
ip link set port master br0
ip link add link end name mac type macvlan
ip link set br0 up; ip link set port up; ip link set end up; ip link set mac up
ip addr add 10.5.0.1/24 dev mac
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 42 > /proc/sys/net/ipv4/ip_default_ttl
echo 1 > /proc/sys/net/ipv4/conf/inner7/proxy_arp
echo 100 > /proc/sys/net/core/somaxconn
mkdir -p /www; echo hello > /www/page
echo ready
exec httpd -f -p 10.7.0.1:80 -h /www
)";

// Addresses and links settle on their own for a moment.
constexpr const char* kShow = R"(
while ip addr | grep -qE 'tentative|NO-CARRIER'; do sleep 0.05; done
ip -o link | sed 's/@if[0-9]*//'
ip -o addr
ip route show table all | sort; ip -6 route show table all | sort; ip rule; ip neigh | grep PERM
grep . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_default_ttl \
  /proc/sys/net/ipv4/conf/*/proxy_arp /proc/sys/net/ipv4/conf/*/forwarding \
  /proc/sys/net/core/somaxconn /proc/sys/net/ipv6/conf/*/disable_ipv6
ls -l /sys/class/net/br0/brif /sys/class/net/*/master | sed 's/.*[0-9][0-9]:[0-9][0-9] //' | grep brif
)";

class NetworkTest : public ContainerTest {
 protected:
  Bundle shell_bundle(const std::string& script) const {
    Bundle bundle = make_bundle();
    bundle.use_tree(find_tree("busybox"));
    bundle.allow_all_capabilities();
    bundle.config["linux"]["readonlyPaths"] = nlohmann::json::array();
    bundle.set_arguments({"/bin/sh", "-c", script});
    return bundle;
  }
  std::string shell(const std::string& id, const std::string& script) const {
    return expect_success({"exec", id, "/bin/sh", "-c", script}).out;
  }
  void expect_answer(const std::string& id) const {
    EXPECT_EQ(shell(id, "wget -q -O - http://10.7.0.1/page"), "hello\n");
  }
};

TEST_F(NetworkTest, ComesBackAsTheContainerHadIt) {
  const Bundle bundle = shell_bundle(kSetUp);
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready") << stdio.all_err();
  const std::string before = shell("c1", kShow);
  EXPECT_THAT(before, HasSubstr("10.8.0.0/16 via 10.7.0.9"));
  EXPECT_THAT(before, HasSubstr("fd00:7::1/64"));
  expect_answer("c1");
  std::string id = "c1";
  for (const char* next : {"c2", "c3", "c4"}) {
    const std::string image = directory() + "/image-" + next;
    checkpoint_container(id, image);
    Pipes restored;
    restore_container(next, bundle, image, restored);
    EXPECT_EQ(shell(next, kShow), before);
    expect_answer(next);
    id = next;
  }
}

TEST_F(NetworkTest, IsNotTouchedByACheckpointThatLeavesItRunning) {
  const Bundle bundle = shell_bundle(kSetUp);
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready") << stdio.all_err();
  const std::string before = shell("c1", kShow);
  checkpoint_container("c1", directory() + "/image", {"--leave-running"});
  EXPECT_EQ(shell("c1", kShow), before);
  expect_answer("c1");
}

TEST_F(NetworkTest, NewNamespacesComeBackWithLoUp) {
  const Bundle bundle = shell_bundle("echo ready; exec sleep 1000");
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  const std::string before = shell("c1", "ip addr");
  checkpoint_container("c1", directory() + "/image");
  Pipes restored;
  restore_container("c1", bundle, directory() + "/image", restored);
  EXPECT_EQ(shell("c1", "ip addr"), before);
  EXPECT_THAT(before, HasSubstr("127.0.0.1/8"));
}

// One message, in the batch that nf_tables wants: a table named "filter".
void add_nftables_table() {
  struct Header {
    nlmsghdr netlink;
    nfgenmsg generic;
  };
  struct Batch {
    Header begin, table;
    nlattr name_head;
    char name[8];
    Header end;
  } batch{};
  const auto head = [](Header& header, int type, std::size_t size, int extra, __be16 resource) {
    header.netlink = {.nlmsg_len = static_cast<__u32>(size),
                      .nlmsg_type = static_cast<__u16>(type),
                      .nlmsg_flags = static_cast<__u16>(NLM_F_REQUEST | extra)};
    header.generic = {.nfgen_family = AF_INET, .res_id = resource};
  };
  constexpr __be16 kNftables = NFNL_SUBSYS_NFTABLES << 8;  // in network byte order
  head(batch.begin, NFNL_MSG_BATCH_BEGIN, sizeof(Header), 0, kNftables);
  head(batch.table, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE,
       sizeof(Header) + sizeof(nlattr) + 8, NLM_F_CREATE | NLM_F_ACK, 0);
  batch.name_head = {.nla_len = sizeof(nlattr) + 7, .nla_type = NFTA_TABLE_NAME};
  std::strcpy(batch.name, "filter");
  head(batch.end, NFNL_MSG_BATCH_END, sizeof(Header), 0, kNftables);
  const UniqueFd socket_fd(
      must(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), "socket"));
  must(send(socket_fd.get(), &batch, sizeof(batch), 0), "send");
  struct {
    nlmsghdr head;
    nlmsgerr error;
  } answer{};
  must(recv(socket_fd.get(), &answer, sizeof(answer), MSG_TRUNC), "recv");
  if (answer.head.nlmsg_type != NLMSG_ERROR || answer.error.error != 0) {
    give_up(fmt::format("adding a table: error {}", answer.error.error));
  }
}

// In a child: a thread's namespace is all that changes.
void add_nftables_table_of(pid_t pid) {
  const pid_t child = must(fork(), "fork");
  if (child == 0) {
    const UniqueFd ns(must(open(fmt::format("/proc/{}/ns/net", pid).c_str(), O_RDONLY | O_CLOEXEC),
                           "open ns/net"));
    must(setns(ns.get(), CLONE_NEWNET), "setns");
    add_nftables_table();
    _exit(0);
  }
  int status = 0;
  must(waitpid(child, &status, 0), "waitpid");
  ASSERT_EQ(status, 0);
}

// Firewall rules are never lost without a word.
TEST_F(NetworkTest, WithFirewallRulesIsRefused) {
  const Bundle bundle = shell_bundle("echo ready; exec sleep 1000");
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  add_nftables_table_of(container_pid("c1"));
  const std::string image = directory() + "/image";
  const Finished refused = runtime().run({"checkpoint", "--image-path", image, "c1"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(runtime().log(),
              HasSubstr("an nftables table, 'filter' of the container's network; remove it before "
                        "the checkpoint, or give the container a network namespace by path"));
  EXPECT_FALSE(exists(image + "/checkpoint.img"));
  EXPECT_EQ(container_status("c1"), "running");
}

TEST_F(NetworkTest, IsLeftEmptyForTheHooksOfWhoeverAsksForThat) {
  const Bundle bundle = shell_bundle(
      "ip link add inner type veth; ip addr add 10.7.0.1/24 dev inner; echo ready; exec sleep "
      "1000");
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready") << stdio.all_err();
  add_nftables_table_of(container_pid("c1"));
  const std::string image = directory() + "/image";
  checkpoint_container("c1", image, {"--empty-ns", "network", "--leave-running"});
  Pipes restored;
  restore_container("c2", bundle, image, restored);
  EXPECT_EQ(shell("c2", "ls /sys/class/net"), "lo\n");

  Pipes other;
  start_container("c3", bundle, other);
  ASSERT_EQ(other.next_line(), "ready") << other.all_err();
  checkpoint_container("c3", image + "2");
  Pipes last;
  restore_container("c3", bundle, image + "2", last, {"--empty-ns", "network"});
  EXPECT_EQ(shell("c3", "ls /sys/class/net"), "lo\n");
}

TEST_F(NetworkTest, OfOthersIsJoinedAgainAndLeftAsItIs) {
  Bundle bundle = shell_bundle("ip addr; echo ready; exec sleep 1000");
  for (auto& one : bundle.config["linux"]["namespaces"]) {
    if (one["type"] == "network") one["path"] = "/proc/1/ns/net";
  }
  Pipes stdio;
  start_container("c1", bundle, stdio);
  while (stdio.next_line() != "ready") {
  }
  const std::string before = shell("c1", "readlink /proc/self/ns/net; ip addr; ip rule");
  EXPECT_THAT(before, HasSubstr(std::filesystem::read_symlink("/proc/self/ns/net").string()));
  checkpoint_container("c1", directory() + "/image");
  Pipes restored;
  restore_container("c1", bundle, directory() + "/image", restored);
  EXPECT_EQ(shell("c1", "readlink /proc/self/ns/net; ip addr; ip rule"), before);
}

}  // namespace
}  // namespace stasis::test
