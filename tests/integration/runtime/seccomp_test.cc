// linux.seccomp by its effect, with an agent of the test's own for SCMP_ACT_NOTIFY.
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <gmock/gmock.h>

#include "base/unique_fd.h"
#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// A seccomp agent: takes one listener, and lets the calls that it is asked about fail.
class Agent {
 public:
  explicit Agent(const std::string& path)
      : socket_(must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    must(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), "bind");
    must(listen(socket_.get(), 1), "listen");
  }
  // The process state that came with the listener.
  json accept() {
    const UniqueFd peer(must(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
    char text[8192] = {};
    iovec part{text, sizeof(text) - 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    must(recvmsg(peer.get(), &message, MSG_CMSG_CLOEXEC), "recvmsg");
    const cmsghdr* head = CMSG_FIRSTHDR(&message);
    if (head == nullptr) give_up("no listener came");
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(head), sizeof(fd));
    listener_ = UniqueFd(fd);
    return json::parse(text);
  }
  // Waits for one call.
  void refuse_with(int error) const {
    seccomp_notif asked{};
    must(ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_RECV, &asked), "SECCOMP_IOCTL_NOTIF_RECV");
    seccomp_notif_resp answer{};
    answer.id = asked.id;
    answer.error = -error;
    must(ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_SEND, &answer), "SECCOMP_IOCTL_NOTIF_SEND");
  }

 private:
  UniqueFd socket_, listener_;
};

class Seccomp : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
  }
  json rule(const std::string& call, const std::string& action) const {
    return {{"names", {call}}, {"action", action}};
  }
  void ask_agent_about(const std::string& call) {
    bundle_->config["linux"]["seccomp"] = {{"defaultAction", "SCMP_ACT_ALLOW"},
                                           {"listenerPath", directory() + "/agent"},
                                           {"listenerMetadata", "meta"},
                                           {"syscalls", {rule(call, "SCMP_ACT_NOTIFY")}}};
  }
  std::unique_ptr<Bundle> bundle_;
};

TEST_F(Seccomp, AnAgentDecidesOnCalls) {
  ask_agent_about("mkdir");
  bundle_->config["linux"]["seccomp"]["flags"] = {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  bundle_->set_arguments({"/bin/sh", "-c", "mkdir /made; ls -d /made; echo done"});
  bundle_->save();
  Agent agent(directory() + "/agent");
  Pipes stdio;
  will_delete("c1");
  Program run = runtime().start({"run", "--bundle", bundle_->directory(), "--keep", "c1"},
                                stdio.take_other_ends());
  const json state = agent.accept();
  EXPECT_EQ(state["fds"], json({"seccompFd"}));
  EXPECT_EQ(state["metadata"], "meta");
  EXPECT_EQ(state["state"]["id"], "c1");
  EXPECT_EQ(state["state"]["status"], "creating");
  EXPECT_GT(state["pid"], 1);
  agent.refuse_with(EDQUOT);
  EXPECT_EQ(run.wait(), 0);
  stdio.read_to_end();
  EXPECT_EQ(stdio.all_out(), "done\n");
  EXPECT_THAT(stdio.all_err(), HasSubstr("Disk quota exceeded"));
}

TEST_F(Seccomp, AnAgentDecidesOnCallsOfExecToo) {
  ask_agent_about("mkdir");
  bundle_->set_arguments({"/bin/sleep", "1000"});
  bundle_->save();
  Agent agent(directory() + "/agent");
  Pipes stdio;
  will_delete("c1");
  Program run = runtime().start({"run", "--detach", "--bundle", bundle_->directory(), "c1"},
                                stdio.take_other_ends());
  agent.accept();
  EXPECT_EQ(run.wait(), 0);
  // Whoever restores it could not bring the agent's end back.
  const Finished refused =
      runtime().run({"checkpoint", "--image-path", directory() + "/image", "c1"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(runtime().log(),
              HasSubstr("a seccomp filter that asks a listener (SCMP_ACT_NOTIFY)"));
  Pipes executed;
  Program exec = runtime().start({"exec", "c1", "mkdir", "/made"}, executed.take_other_ends());
  const json state = agent.accept();
  EXPECT_EQ(state["state"]["status"], "running");
  agent.refuse_with(EXDEV);
  EXPECT_EQ(exec.wait(), 1);
  executed.read_to_end();
  EXPECT_THAT(executed.all_err(), HasSubstr("Invalid cross-device link"));
}

TEST_F(Seccomp, AnAgentThatIsNotThereIsAnError) {
  ask_agent_about("mkdir");
  bundle_->set_arguments({"/bin/true"});
  bundle_->save();
  EXPECT_EQ(runtime().run({"run", "--bundle", bundle_->directory(), "c1"}).status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("linux.seccomp.listenerPath: connect"));
}

TEST_F(Seccomp, TheRuntimesOwnWriteCannotBeTheAgents) {
  ask_agent_about("write");
  bundle_->set_arguments({"/bin/true"});
  bundle_->save();
  EXPECT_EQ(runtime().run({"run", "--bundle", bundle_->directory(), "c1"}).status, 1);
  EXPECT_THAT(runtime().log(),
              HasSubstr("linux.seccomp.syscalls[0]: SCMP_ACT_NOTIFY cannot be used for the write "
                        "system call: the listener itself is announced with it"));
}

TEST_F(Seccomp, RefusedCallsGiveTheErrorThatWasAskedFor) {
  bundle_->config["linux"]["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"syscalls",
       {{{"names", {"mkdir", "mkdirat"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", ENOSPC}}}}};
  bundle_->set_arguments({"/bin/mkdir", "/made"});
  bundle_->save();
  const Finished finished = runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err, HasSubstr("No space left on device"));
}

}  // namespace
}  // namespace stasis::test
