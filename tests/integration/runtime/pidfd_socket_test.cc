// --pidfd-socket: the caller gets a descriptor of the very process.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include <gmock/gmock.h>

#include "base/unique_fd.h"
#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

// A unix socket that somebody sends one descriptor to.
class Receiver {
 public:
  explicit Receiver(const std::string& path)
      : listener_(must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    must(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), "bind");
    must(listen(listener_.get(), 1), "listen");
  }
  // What came with the descriptor, and the descriptor.
  std::pair<std::string, UniqueFd> receive() const {
    const UniqueFd peer(must(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
    char text[64] = {};
    iovec part{text, sizeof(text) - 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    must(recvmsg(peer.get(), &message, MSG_CMSG_CLOEXEC), "recvmsg");
    int fd = -1;
    if (const cmsghdr* head = CMSG_FIRSTHDR(&message))
      std::memcpy(&fd, CMSG_DATA(head), sizeof(fd));
    return {text, UniqueFd(fd)};
  }

 private:
  UniqueFd listener_;
};

pid_t pid_of(const UniqueFd& pidfd) {
  for (const std::string& line :
       split_lines(read_file("/proc/self/fdinfo/" + std::to_string(pidfd.get())))) {
    if (line.starts_with("Pid:")) return std::atoi(line.c_str() + 4);
  }
  return -1;
}

class PidfdSocket : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->set_arguments({"/bin/sleep", "1000"});
    bundle_->save();
  }
  std::string path() const { return directory() + "/socket"; }

  std::unique_ptr<Bundle> bundle_;
};

TEST_F(PidfdSocket, GetsTheProcessOfRunAndOfARestore) {
  const Receiver receiver(path());
  Pipes stdio;
  will_delete("c1");
  Program run = runtime().start(
      {"run", "--detach", "--bundle", bundle_->directory(), "--pidfd-socket", path(), "c1"},
      stdio.take_other_ends());
  const auto [name, pidfd] = receiver.receive();
  EXPECT_EQ(run.wait(), 0);
  EXPECT_EQ(name, "pidfd");
  EXPECT_EQ(pid_of(pidfd), container_pid("c1"));
  checkpoint_container("c1", directory() + "/image");
  EXPECT_EQ(pid_of(pidfd), -1) << "it has ended, and still it is that process";

  Pipes restored;
  Program restore =
      runtime().start({"restore", "--detach", "--bundle", bundle_->directory(), "--image-path",
                       directory() + "/image", "--pidfd-socket", path(), "c1"},
                      restored.take_other_ends());
  const auto [again, second] = receiver.receive();
  EXPECT_EQ(restore.wait(), 0);
  EXPECT_EQ(pid_of(second), container_pid("c1"));
}

TEST_F(PidfdSocket, GetsTheProcessOfExec) {
  Pipes stdio;
  start_container("c1", *bundle_, stdio);
  const Receiver receiver(path());
  const std::string pid_file = directory() + "/pid";
  Pipes executed;
  Program exec = runtime().start({"exec", "--detach", "--pidfd-socket", path(), "--pid-file",
                                  pid_file, "c1", "/bin/sleep", "1000"},
                                 executed.take_other_ends());
  const auto [name, pidfd] = receiver.receive();
  EXPECT_EQ(exec.wait(), 0);
  EXPECT_EQ(pid_of(pidfd), std::atoi(read_file(pid_file).c_str()));
}

TEST_F(PidfdSocket, MustBeThere) {
  EXPECT_EQ(runtime()
                .run({"run", "--detach", "--bundle", bundle_->directory(), "--pidfd-socket",
                      "/none/socket", "c1"})
                .status,
            1);
  EXPECT_THAT(runtime().log(), testing::HasSubstr("--pidfd-socket: connect"));
}

}  // namespace
}  // namespace stasis::test
