// A TCP connection from a container to a server outside of it, in a network namespace that the
// container joined by path.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "integration/support/container_test.h"
#include "integration/support/give_up.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

class TcpPeer : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    const UniqueFd listener(must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(7654);
    must(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), "bind");
    must(listen(listener.get(), 1), "listen");
    bundle_ = std::make_unique<Bundle>(make_bundle());
    for (auto& one : bundle_->config["linux"]["namespaces"]) {
      if (one["type"] == "network") one["path"] = fmt::format("/proc/{}/ns/net", getpid());
    }
    prepare_workload(*bundle_, WorkloadCase{.name = "tcp_client"});
    start_container("c1", *bundle_, stdio_);
    ASSERT_EQ(stdio_.next_line(), "ready");
    peer_.reset(must(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
  }

  void ask() const { must(static_cast<int>(send(peer_.get(), "ping", 4, 0)), "send"); }
  // The container sees the question, and the test the answer.
  void expect_answer(Pipes& stdio) const {
    stdio.write("v");
    ASSERT_EQ(stdio.next_line(), "ok");
    std::string text(4, ' ');
    EXPECT_EQ(recv(peer_.get(), text.data(), text.size(), MSG_WAITALL), 4);
    EXPECT_EQ(text, "pong");
  }
  std::string image() const { return directory() + "/image"; }

  std::unique_ptr<Bundle> bundle_;
  Pipes stdio_;
  UniqueFd peer_;
};

TEST_F(TcpPeer, StaysConnectedWhileTheContainerRunsOn) {
  for (int round = 0; round < 3; ++round) {
    ask();
    checkpoint_container("c1", image() + std::to_string(round),
                         {"--leave-running", "--tcp-established"});
    expect_answer(stdio_);
    ask();
    expect_answer(stdio_);
  }
}

// Nothing may be sent while the connection is nobody's: the kernel would answer with a reset.
TEST_F(TcpPeer, HearsNothingOfAStopAndARestore) {
  ask();
  checkpoint_container("c1", image(), {"--tcp-established"});
  Pipes restored;
  restore_container("c1", *bundle_, image(), restored, {"--tcp-established"});
  expect_answer(restored);
  ask();
  expect_answer(restored);
}

TEST_F(TcpPeer, NeedsTheFlag) {
  EXPECT_NE(runtime().run({"checkpoint", "--image-path", image(), "c1"}).status, 0);
  EXPECT_THAT(runtime().log(),
              testing::ContainsRegex("pid 1 \\(workload\\): fd [0-9]+: an open TCP connection "
                                     "\\(127.0.0.1:[0-9]+ to 127.0.0.1:7654\\); use "
                                     "--tcp-established"));
  ask();
  expect_answer(stdio_);
}

}  // namespace
}  // namespace stasis::test
