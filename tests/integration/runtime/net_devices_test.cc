// linux.netDevices: interfaces that move from the runtime's network namespace into the container's.
#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class NetDevices : public BusyboxTest {
 protected:
  void SetUp() override {
    BusyboxTest::SetUp();
    ip("link add outer type veth peer name other");
    ip("link set outer address 02:00:00:00:00:07 mtu 1400");
    ip("addr add 10.7.0.1/24 dev outer");
    ip("addr add fd00:7::1/64 dev outer nodad");
    ip("link set outer up");
  }
  // Where the container's namespace, which goes away on its own time, still has the other end.
  void TearDown() override {
    run_program({"/bin/sh", "-c", "ip link del other"});
    BusyboxTest::TearDown();
  }
  static std::string ip(const std::string& words) {
    const Finished finished = run_program({"/bin/sh", "-c", "ip " + words});
    EXPECT_EQ(finished.status, 0) << "ip " << words << ": " << finished.err;
    return finished.out;
  }
  void move(const std::string& outside, const std::string& inside) {
    auto& device = bundle().config["linux"]["netDevices"][outside];
    device = nlohmann::json::object();
    if (!inside.empty()) device["name"] = inside;
  }
};

TEST_F(NetDevices, MoveWithTheirAddressesUnderANewName) {
  move("outer", "eth0");
  const std::string shown = output("ip addr show eth0");
  EXPECT_THAT(shown, HasSubstr("mtu 1400"));
  EXPECT_THAT(shown, HasSubstr("UP"));
  EXPECT_THAT(shown, HasSubstr("link/ether 02:00:00:00:00:07"));
  EXPECT_THAT(shown, HasSubstr("inet 10.7.0.1/24 scope global eth0"));
  EXPECT_THAT(shown, HasSubstr("inet6 fd00:7::1/64 scope global"));
}

TEST_F(NetDevices, KeepTheirNameWithoutANewOne) {
  move("outer", "");
  EXPECT_THAT(output("ip addr show outer"), HasSubstr("10.7.0.1/24"));
}

TEST_F(NetDevices, MustExist) {
  move("absent", "");
  EXPECT_THAT(refusal(), HasSubstr("linux.netDevices.absent: no network interface of that name"));
}

TEST_F(NetDevices, MustNotHaveANameThatIsTaken) {
  move("outer", "lo");
  EXPECT_THAT(refusal(), HasSubstr("linux.netDevices.outer: the other network namespace has a 'lo' "
                                   "already"));
  EXPECT_THAT(ip("addr show outer"), HasSubstr("10.7.0.1/24"));
}

TEST_F(NetDevices, ComeBackWhenTheContainerCannotBeMade) {
  move("outer", "eth0");
  bundle().config["hooks"]["createRuntime"] = {{{"path", "/bin/false"}}};
  EXPECT_THAT(refusal(), HasSubstr("createRuntime"));
  const std::string shown = ip("addr show outer");
  EXPECT_THAT(shown, HasSubstr("10.7.0.1/24"));
  EXPECT_THAT(shown, HasSubstr("fd00:7::1/64"));
  EXPECT_THAT(shown, HasSubstr("UP"));
}

TEST_F(NetDevices, AreThereForTheHooks) {
  move("outer", "eth0");
  bundle().config["hooks"]["createContainer"] = {
      {{"path", "/bin/sh"},
       {"args", {"sh", "-c", "ip addr show eth0 > " + directory() + "/seen"}}}};
  output("true");
  const Finished seen = run_program({"cat", directory() + "/seen"});
  EXPECT_THAT(seen.out, HasSubstr("10.7.0.1/24"));
}

// The image has what was in the namespace; the interface that moves is that one.
TEST_F(NetDevices, MoveIntoARestoredContainer) {
  move("outer", "eth0");
  bundle().set_arguments({"/bin/sh", "-c", "echo ready; read -r line; exec ip addr show eth0"});
  Pipes stdio;
  start_container("c1", bundle(), stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  checkpoint_container("c1", directory() + "/image");
  ip("link add outer type veth peer name another");
  ip("addr add 10.7.0.2/24 dev outer");
  Pipes again;
  restore_container("c1", bundle(), directory() + "/image", again);
  again.write("go\n");
  again.read_to_end();
  EXPECT_THAT(again.all_out(), HasSubstr("10.7.0.2/24"));
}

}  // namespace
}  // namespace stasis::test
